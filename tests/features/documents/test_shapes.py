"""The tree that lines make: styles of numbers, nesting, what is a heading and what is not."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clm.features.documents import lines, tree
from clm.features.documents.labels import label_of
from clm.kit.extraction.outline import Paragraph


def grown(text, markdown=False):
    taken = lines.taken(lines.lines_of(lines.of_text(text, markdown=markdown)))
    return tree.grown(taken.body), taken


def shape(text, markdown=False):
    return [(node.number, node.heading) for node in grown(text, markdown)[0].nodes]


@pytest.mark.parametrize(
    ("line", "style", "parts", "written", "rest"),
    [
        ("1.1合同术语", "1.2", (1, 1), "1.1", "合同术语"),
        ("１．１　合同术语", "1.2", (1, 1), "１．１", "合同术语"),
        ("3、服务", "1、", (3,), "3、", "服务"),
        ("第一条 定义", "条", (1,), "第一条", "定义"),
        ("第十二章 附则", "章", (12,), "第十二章", "附则"),
        ("第 8 条 保密", "条", (8,), "第 8 条", "保密"),
        ("二十一、其他", "一、", (21,), "二十一、", "其他"),
        ("（三）期限", "(一)", (3,), "（三）", "期限"),
        ("(2) 期限", "(1)", (2,), "(2)", "期限"),
        ("4）期限", "1)", (4,), "4）", "期限"),
        ("③期限", "①", (3,), "③", "期限"),
        ("第一百〇三条 附则", "条", (103,), "第一百〇三条", "附则"),
        ("Article 1 Services", "article", (1,), "Article 1", "Services"),
        ("ARTICLE XIV. FEES", "article", (14,), "ARTICLE XIV", "FEES"),
        ("Section 2.1. Payment", "1.2", (2, 1), "Section 2.1", "Payment"),
        ("Clause 7 – Law", "clause", (7,), "Clause 7", "Law"),
        ("IV. Term", "I.", (4,), "IV.", "Term"),
        ("Ⅲ、期限", "I.", (3,), "Ⅲ、", "期限"),
    ],
)
def test_a_number_is_read_in_every_style(line, style, parts, written, rest):
    label = label_of(line)
    assert (label.style, label.parts, label.written, label.rest) == (style, parts, written, rest)


@pytest.mark.parametrize(
    "line",
    [
        *("第五条约定的费用包括税。", "第三条所称费用", "2026.1.5", "甲方", "30.5%", "十分重要", ""),
        *("I agree", "IIII. x", "Part A", "Section 3 of this Agreement applies.", "Article 5 shall apply"),
        *("Articles of association", "e.g. this"),
    ],
)
def test_what_only_looks_like_a_number_is_none(line):
    assert label_of(line) is None


def test_styles_nest_in_the_order_in_which_they_come():
    text = "第一章 总则\n第一条 定义\n（一）范围\n乙方接听。\n（二）期限\n一年。\n第二章 费用\n第二条 付款\n按月。\n"
    assert shape(text) == [
        ("1", "总则"), ("1.1", "定义"), ("1.1.1", "范围"), ("1.1.2", "期限"), ("2", "费用"), ("2.2", "付款"),
    ]  # fmt: skip
    assert grown(text)[0].skipped == []


def test_articles_and_sections_nest_as_english_contracts_have_them():
    text = "Article I Definitions\nSection 1.1 Terms\nThey mean this.\nArticle II Fees\nSection 2.1 Payment\nMonthly."
    assert shape(text) == [("1", "Definitions"), ("1.1", "Terms"), ("2", "Fees"), ("2.1", "Payment")]
    assert grown(text)[0].skipped == []


def test_roman_numerals_count_and_initials_do_not():
    text = "I. Services\nThey are these.\nV. S. Smith\nII. Fees\nMonthly.\n"
    tree_of, _ = grown(text)
    assert [(node.number, node.heading) for node in tree_of.nodes] == [("1", "Services"), ("2", "Fees")]
    assert tree_of.nodes[0].text == ["They are these.", "V. S. Smith"]


def test_a_fenced_block_of_markdown_is_text():
    text = "# 服务合同\n## 1. 服务\n```\n# 不是标题\n2. 也不是\n```\n## 2. 费用\n"
    assert shape(text, markdown=True) == [("1", "服务"), ("2", "费用")]
    assert grown(text, markdown=True)[0].nodes[0].text == ["# 不是标题", "2. 也不是"]


def test_items_of_a_list_stay_text():
    tree_of, _ = grown("1.服务\n1.1范围\n（1）客户咨询；\n（2）市场调研。\n1.2标准\n1、接通率不低于95%；\n")
    assert [(node.number, node.text) for node in tree_of.nodes] == [
        ("1", []), ("1.1", ["（1）客户咨询；", "（2）市场调研。"]), ("1.2", ["1、接通率不低于95%；"]),
    ]  # fmt: skip


def test_quantities_are_no_headings():
    assert shape("1.价款\n1.1总价\n1.5万元为定金。\n1.2万元为尾款。\n") == [("1", "价款"), ("1.1", "总价"), ("1.2", "")]
    assert shape("一、价款\n30 日内付款\n二、期限\n一年\n") == [("1", "价款"), ("2", "期限")]


def test_sentences_may_be_sections():
    found, _ = grown("一、甲方委托乙方服务。\n二、价款一万元。\n三、争议提交仲裁。\n")
    assert [(n.number, n.heading, n.text) for n in found.nodes][2] == ("3", "", ["争议提交仲裁。"])


def test_numbers_that_repeat_or_jump_are_told_and_kept():
    found, _ = grown("第一条 甲\n第二条 乙\n第二条 丙\n第五条 丁\n")
    assert [node.number for node in found.nodes] == ["1", "2", "2-2", "5"]
    [duplicate], [skipped] = found.duplicates, found.skipped
    assert (duplicate.label, duplicate.number, duplicate.position) == ("第二条", "2-2", 3)
    assert (skipped.expected, skipped.label, skipped.position) == ("3", "第五条", 4)


def test_markdown_headings_count_where_they_have_no_number():
    text = "# 服务合同\n\n## 定义\n**甲方**是买方。\n## 服务\n### 范围\n接听。\n"
    assert shape(text, markdown=True) == [("1", "定义"), ("2", "服务"), ("2.1", "范围")]
    found, _ = grown(text, markdown=True)
    assert found.preamble[0].text == "服务合同"
    assert found.nodes[0].text == ["甲方是买方。"]


def test_a_table_of_contents_is_no_text():
    text = "目 录\n1. 服务......1\n1.1 范围\t2\n2. 期限......3\n前言\n1. 服务\n1.1 范围\n接听。\n2. 期限\n一年。\n"
    found, taken = grown(text)
    assert [node.number for node in found.nodes] == ["1", "1.1", "2"]
    assert (len(taken.contents), taken.only_there, found.preamble[0].text) == (4, [], "前言")


def test_what_is_signed_below_is_no_text_of_the_last_section():
    found, taken = grown("1. 其他\n一式两份。\n（以下无正文）\n甲方（盖章）：\n日期：\n")
    assert found.nodes[0].text == ["一式两份。"]
    assert [line.text for line in taken.closing] == ["（以下无正文）", "甲方（盖章）：", "日期："]


NUMBERS = [
    "第一条",
    "第二章 ",
    "1.",
    "1.1",
    "2.3.4 ",
    "一、",
    "（一）",
    "(1)",
    "①",
    "9)",
    "12 ",
    "# ",
    "##### ",
    "目录",
    "１．",
]
HEADED = st.builds("{}{}".format, st.sampled_from(NUMBERS), st.sampled_from(["", "定义", "乙方付款。", "万元", "……3"]))
LINES = st.lists(st.one_of(st.text(max_size=20), HEADED), max_size=30)


@given(LINES, st.booleans())
def test_no_text_breaks_the_reading_and_no_line_is_lost(text, markdown):
    paragraphs = lines.of_text("\n".join(text), markdown=markdown)
    whole = lines.lines_of(paragraphs)
    taken = lines.taken(whole)
    found = tree.grown(taken.body)
    numbers = [node.number for node in found.nodes]
    assert len(set(numbers)) == len(numbers)
    assert all(clause.parent is None or clause.parent in numbers for clause in found.clauses())
    kept = sum(len(node.text) for node in found.nodes) + len(found.preamble) + len(taken.closing)
    assert kept + len(found.nodes) >= len(whole) - len(taken.contents)


@given(
    st.lists(
        st.builds(
            Paragraph, st.text(max_size=9), st.integers(0, 9), st.sampled_from(["", "text", "beside", "contents"])
        )
    )
)
def test_no_styles_break_the_reading(paragraphs):
    found = tree.grown(lines.taken(lines.lines_of(paragraphs)).body)
    assert len({node.number for node in found.nodes}) == len(found.nodes)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("1.1 服务……… 3", "1.1 服务"),
        ("1.1 服务\t12", "1.1 服务"),
        ("1.1 服务  12", "1.1 服务"),
        ("1.1 服务 . . .. 12", "1.1 服务 . . "),
        ("1.1 服务 12", "1.1 服务 12"),
        ("1.1 服务.....", "1.1 服务....."),
        ("1.1 2026年", "1.1 2026年"),
    ],
)
def test_the_page_of_an_entry_is_taken_off(line, name):
    assert lines._unpaged(line).rstrip() == name.rstrip()


def test_a_line_of_leaders_takes_no_time():
    """What a pattern would try in every way there is."""
    text = "\n".join("第一条" + "." * 480 + "标题x" for _ in range(300))
    began = time.process_time()
    grown(text)
    assert time.process_time() - began < 2


def test_a_clause_about_sealing_is_no_signature_block():
    text = "1. 服务\n甲方付款。\n2. 生效\n乙方盖章后三日内，甲方应付款。\n甲方（盖章）：\n乙方（盖章）：\n"
    tree_of, taken = grown(text)
    assert "乙方盖章后三日内，甲方应付款。" in tree_of.nodes[-1].text
    assert [line.text for line in taken.closing] == ["甲方（盖章）：", "乙方（盖章）："]
