"""What a rendered document says besides the contract's own words, in Chinese and in English."""

from typing import NamedTuple


class Words(NamedTuple):
    """The fixed words of one language."""

    draft: str
    number: str
    status: str
    as_of: str
    version: str
    effective: str
    ended: str
    parties: str
    role: str
    name: str
    code: str
    contact: str
    terms: str
    agreed: str
    assumed: str
    place: str
    value: str
    amendments: str
    no: str
    date: str
    changed: str
    removed: str
    attachments: str
    kind: str
    file_version: str
    states: dict[str, str]


CHINESE = Words(
    draft="草稿 · 尚未生效",
    number="合同编号",
    status="状态",
    as_of="截至",
    version="条款版本",
    effective="生效",
    ended="终止",
    parties="当事人",
    role="身份",
    name="名称",
    code="统一社会信用代码",
    contact="联系方式",
    terms="条款要素",
    agreed="约定",
    assumed="默认",
    place="项目",
    value="内容",
    amendments="变更记录",
    no="序号",
    date="日期",
    changed="变更内容",
    removed="删除",
    attachments="附件清单",
    kind="种类",
    file_version="版本",
    states={
        "draft": "草稿", "effective": "已生效", "amendment": "变更中", "terminated": "已终止", "proposed": "已提出",
        "agreed_pending": "已同意待生效", "applied": "已生效", "rejected": "已拒绝", "withdrawn": "已撤回",
        "lapsed": "已失效", "unclear": "约定不明", "void": "无效",
    },
)  # fmt: skip
ENGLISH = Words(
    draft="DRAFT · not in force",
    number="Contract no.",
    status="Status",
    as_of="As of",
    version="Version of the terms",
    effective="In force from",
    ended="Ended",
    parties="Parties",
    role="Role",
    name="Name",
    code="Credit code",
    contact="Contact",
    terms="Terms",
    agreed="agreed",
    assumed="default",
    place="Term",
    value="Content",
    amendments="Amendments",
    no="No.",
    date="Date",
    changed="Change",
    removed="removed",
    attachments="Attachments",
    kind="Kind",
    file_version="Version",
    states={},
)


def words_of(language: str) -> Words:
    """The words for a language; English for all but Chinese."""
    return CHINESE if language.lower().startswith("zh") else ENGLISH
