"""The contract types that ship with the project: complete, consistent, and strict about terms."""

import hashlib
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator

import clm.features
from clm.law import confidentiality
from clm.law.notice_rules import ArrivalRule, BusinessHours, default_rules

FOLDER = Path(clm.features.__file__).parent / "contract_types" / "data"
OUTBOUND, GENERIC = "outbound-call-outsourcing", "generic"
BOTH = pytest.mark.parametrize("key", [OUTBOUND, GENERIC])

HEADINGS = """
1 定义与解释 1.1 合同术语 1.2 定义 1.3 术语表 2 合同主体 2.1 合同双方 2.2 法律地位 2.3 联系方式
3 服务内容 3.1 外呼服务范围 3.2 服务标准 3.3 服务流程 4 危机管理 4.1 危机识别与评估 4.2 应急预案 4.3 危机处理流程
4.4 沟通与协调 5 客户关系维护 5.1 客户信息管理 5.2 客户满意度调查 5.3 客户关系维护策略 5.4 客户投诉处理
6 服务质量保证 6.1 质量控制体系 6.2 质量指标 6.3 质量改进措施
7 服务费用与支付 7.1 费用构成 7.2 支付方式 7.3 付款期限 7.4 逾期付款处理 8 保密条款
8.1 保密信息定义 8.2 保密义务 8.3 保密期限 9 知识产权 9.1 知识产权归属 9.2 侵权责任
10 合同期限与终止 10.1 合同期限 10.2 终止条件 10.3 终止程序
11 违约责任 11.1 违约行为定义 11.2 违约责任承担 11.3 违约赔偿 12 不可抗力 12.1 不可抗力事件定义 12.2 不可抗力处理
13 法律适用与争议解决 13.1 法律适用 13.2 争议解决方式 13.3 争议解决机构
14 其他条款 14.1 通知方式 14.2 合同附件 14.3 合同变更 14.4 合同生效
"""

# Digests of the clauses of the document that the type was modelled on, by length: its wording must not come over.
COPIED = {
    10: "e34f078cb4e8 bc8a9058e277",
    11: "c8a907ad0f62 673b77ba733a 8ec89907517e 4352f4bcb173",
    12: "dfee1d742b64 229648306b26 906814d39d18 675c873614a9",
    13: "3adc5517263d 718d1d3f70b6 d2ff8693ebb4 ff147438c383 f08853075a76",
    14: "410626b2614e 0d2ccdb465ab ab0d30f26c70 1bb1b9e4f4a2 6139a5f65ef7 a27c893027ce",
    15: "4deca461000e",
    16: "f7b5ba794576",
    17: "aec0bee8a8f4",
    18: "8f23bde054e2 673e78cd4a49",
    20: "ed6a40f9e8f3",
    21: "222b164b58b3",
    23: "a78123d8489c",
    26: "a5a7d8b0ddb8",
    27: "605524c8a3b2",
    30: "c34a2e01e516",
}


@cache
def load(key):
    return json.loads((FOLDER / f"{key}.json").read_text(encoding="utf-8"))


def validator(key):
    return Draft202012Validator(load(key)["terms_schema"], format_checker=Draft202012Validator.FORMAT_CHECKER)


def texts(document):
    yield from ((s["number"], "", s["text"]) for s in document["sections"] if s["text"])
    yield from ((pointer, pointer, text) for pointer, text in document["item_texts"].items())


class Schema:
    """Walks a schema by JSON pointer; a list is transparent, so that pointers need no indexes."""

    def __init__(self, schema):
        self.schema = schema

    def at(self, pointer) -> "list[dict]":
        head, *path = pointer.split("/")[1:]
        assert head == "terms", pointer
        nodes = list(self.spread(self.schema))
        for part in path:
            nodes = [below for node in nodes for below in self.below(node, part)]
        return nodes

    def spread(self, node) -> Iterator[dict]:
        """The node with its reference resolved, and each of its alternatives."""
        if "$ref" in node:
            name = node["$ref"].removeprefix("#/$defs/")
            node = {"name": name} | self.schema["$defs"][name]
        yield node
        for option in node.get("anyOf", []):
            yield from self.spread(option)

    def below(self, node, part):
        if "items" in node:
            node = next(iter(self.spread(node["items"])))
        if part == ".":
            return self.spread(node)
        found = node.get("properties", {}).get(part)
        if "propertyNames" in node:
            found = {"key": node["propertyNames"], "value": node["additionalProperties"]}.get(part)
        return [] if found is None else self.spread(found)


FITS = {
    "date": lambda n: n.get("format") == "date",
    "percent": lambda n: n.get("name") in {"rate", "share"},
    "period": lambda n: n.get("name") in {"period", "day_period"},
    "money": lambda n: n.get("name") == "money",
    "yesno": lambda n: n.get("type") == "boolean" or n.get("const") is True,
    "label": lambda n: "enum" in n or n.get("name") == "key" or n.get("pattern", "").startswith("^[A-Z]{2}"),
    "list": lambda n: n.get("type") == "array" or "propertyNames" in n,
    "": lambda n: n.get("type") in {"string", "integer"} and "enum" not in n,
}


def placeholders(document):
    for where, pointer, text in texts(document):
        for source, _, name in (found.partition("|") for found in re.findall(r"\{\{(.*?)\}\}", text)):
            yield where, source if source.startswith(("/", "party.")) else f"{pointer}/{source}", name


def test_outbound_has_the_58_sections_of_the_model():
    words = HEADINGS.split()
    sections = load(OUTBOUND)["sections"]
    assert [(s["number"], s["heading"]) for s in sections] == list(zip(words[::2], words[1::2], strict=True))
    assert len(sections) == 58
    assert sum("." in s["number"] for s in sections) == 44


@BOTH
def test_sections_name_their_parents_and_say_something(key):
    sections = load(key)["sections"]
    for s in sections:
        assert set(s) == {"number", "heading", "text", "parent", "terms"}
        assert s["parent"] == (s["number"].rpartition(".")[0] or None)
        assert s["text"] or any(other["parent"] == s["number"] for other in sections)


def test_generic_is_short_and_flat():
    assert [s["number"] for s in load(GENERIC)["sections"]] == [str(n) for n in range(1, 9)]


def test_defined_terms_stand_in_their_sections():
    document = load(OUTBOUND)
    written = {s["number"]: s["text"] for s in document["sections"]}
    assert [t["section"] for t in document["defined_terms"]] == [f"1.{s}({n})" for s in (1, 2, 3) for n in (1, 2, 3)]
    for entry in document["defined_terms"]:
        number, _, no = entry["section"].rstrip(")").partition("(")
        assert f"（{no}）{entry['term']}：{entry['definition']}" in written[number]


def test_no_wording_of_the_model_came_over():
    document = load(OUTBOUND)
    written = [s["text"] or "" for s in document["sections"]] + [t["definition"] for t in document["defined_terms"]]
    for text in written:
        bare = re.sub(r"[^\u4e00-\u9fff0-9A-Za-z]", "", text)
        for length, digests in COPIED.items():
            parts = (bare[n : n + length] for n in range(len(bare) - length + 1))
            assert not [p for p in parts if hashlib.sha256(p.encode()).hexdigest()[:12] in digests.split()]


@BOTH
def test_schema_is_valid_and_its_defaults_keep_it(key):
    document = load(key)
    Draft202012Validator.check_schema(document["terms_schema"])
    validator(key).validate(document["defaults"])
    validator(key).validate({})


@BOTH
def test_objects_are_closed(key):
    def objects(node):
        if isinstance(node, dict):
            if node.get("type") == "object":
                yield node
            for value in node.values():
                yield from objects(value)
        elif isinstance(node, list):
            for value in node:
                yield from objects(value)

    found = list(objects(load(key)["terms_schema"]))
    assert len(found) > 20
    assert all(node.get("additionalProperties") is False or "propertyNames" in node for node in found)


def test_types_share_their_definitions():
    one, other = (load(key)["terms_schema"]["$defs"] for key in (OUTBOUND, GENERIC))
    assert {name: one[name] for name in other} == other
    assert "crisis" in one
    assert "crisis" not in other


@BOTH
def test_pointers_resolve(key):
    document = load(key)
    schema = Schema(document["terms_schema"])
    used = [p for s in document["sections"] for p in s["terms"]]
    used += [*document["assumed_reason"], *document["item_texts"], *(p for g in document["alternatives"] for p in g)]
    assert [p for p in used if not schema.at(p)] == []


@BOTH
def test_reasons_speak_of_defaults_and_alternatives_exclude_each_other(key):
    document = load(key)

    def given(pointer):
        node = {"terms": document["defaults"]}
        for part in pointer.split("/")[1:]:
            node = node.get(part) if isinstance(node, dict) else None
        return node is not None

    assert all(given(pointer) for pointer in document["assumed_reason"])
    assert all(sum(map(given, group)) <= 1 for group in document["alternatives"])


@BOTH
def test_placeholders_resolve_and_fit_their_filters(key):
    document = load(key)
    schema = Schema(document["terms_schema"])
    found = list(placeholders(document))
    assert len(found) > 50
    for where, source, name in found:
        if source.startswith("party."):
            assert re.fullmatch(r"party\.[AB]\.(legal_name|uscc|contact)", source), (where, source)
            assert not name
        else:
            assert name in FITS, (where, source, name)
            assert any(FITS[name](node) for node in schema.at(source)), (where, source, name)


@BOTH
def test_phrases_are_flat_and_hold_a_placeholder(key):
    for where, _, text in texts(load(key)):
        phrases = re.findall(r"\[\[(.*?)\]\]", text, re.DOTALL)
        rest = re.sub(r"\[\[.*?\]\]", "", text, flags=re.DOTALL)
        assert all("{{" in phrase and "[" not in phrase for phrase in phrases), where
        assert not re.search(r"\[\[|\]\]", rest), where
        assert not re.search(r"\{\{|\}\}", re.sub(r"\{\{[^{}]+\}\}", "", text)), where


@BOTH
def test_every_code_in_the_text_has_a_word(key):
    document = load(key)
    schema = Schema(document["terms_schema"])
    labelled = [source for _, source, name in placeholders(document) if name == "label"]
    codes = {code for source in labelled for node in schema.at(source) for code in node.get("enum", [])}
    codes |= {kind["key"] for kind in document["attachment_kinds"]}
    codes |= {ground["key"] for ground in document["defaults"]["termination"]["grounds"]}
    codes |= {level["metric"] for level in document["defaults"]["service_levels"]}
    assert codes - set(document["labels"]) == set()


@BOTH
def test_lists_of_objects_have_an_item_text(key):
    document = load(key)
    schema = Schema(document["terms_schema"])
    for where, source, name in placeholders(document):
        if name == "list":
            items = [*schema.at(source), *schema.at(f"{source}/.")]
            objects = any("propertyNames" in node or "properties" in node for node in items)
            assert source in document["item_texts"] or not objects, (where, source)


@BOTH
def test_attachment_rules_are_the_defaults(key):
    document = load(key)
    rules = {kind["key"]: kind["update_rule"] for kind in document["attachment_kinds"]}
    assert rules == document["defaults"]["attachments"]["update_rules"]


@BOTH
def test_grounds_cite_clauses_of_their_own_type(key):
    document = load(key)
    numbers = {s["number"] for s in document["sections"]}
    assert {ground["clause"] for ground in document["defaults"]["termination"]["grounds"]} <= numbers
    cited = {n for _, _, text in texts(document) for n in re.findall(r"第(\d+(?:\.\d+)?)条", text)}
    assert cited <= numbers


@BOTH
def test_law_reads_the_defaults(key):
    defaults = load(key)["defaults"]
    assert tuple(msgspec.convert(defaults["notices"]["rules"], list[ArrivalRule])) == default_rules()
    assert msgspec.convert(defaults["notices"]["business_hours"], BusinessHours).opens == "09:00"
    assert [r.item_class for r in confidentiality.validate(defaults["confidentiality"]["rules"])] == [
        "ordinary",
        "trade_secret",
    ]


def test_model_figures_are_the_defaults():
    levels = {s["metric"]: s["threshold"] for s in load(OUTBOUND)["defaults"]["service_levels"]}
    assert levels == {"connect_rate": "0.95", "satisfaction": "0.85"}
    assert (len(load(OUTBOUND)["scope"]), len(load(OUTBOUND)["process"])) == (4, 4)
