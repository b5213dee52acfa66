"""What is reported of mail, on the wire."""

from typing import Literal
from uuid import UUID

import msgspec

from clm.features.notices.service import Notice
from clm.kit.mail import Report

Matched = Literal["envelope", "message_id"]
Status = Literal["recorded", "noted", "doubted"]


class Bounce(msgspec.Struct, kw_only=True):
    """What a delivery report led to.

    `recorded`: a step of the notice; `noted`: it changes nothing, such as a delay; `doubted`: a bounce of what had
    arrived, which a person has to look at. `matched_by` the token of the envelope, or the message's id.
    """

    status: Status
    matched_by: Matched
    notice_id: UUID
    report: Report
    notice: Notice
