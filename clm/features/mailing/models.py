"""What is reported of mail, on the wire."""

from typing import Literal
from uuid import UUID

import msgspec

from clm.features.notices.service import Notice
from clm.kit.mail import Report

Matched = Literal["envelope", "message_id"]
Status = Literal["recorded", "noted"]


class Bounce(msgspec.Struct, kw_only=True):
    """What a delivery report led to.

    `recorded`: a step of the notice; `noted`: it changes nothing, such as a delay. `matched_by` the token of the
    envelope, which only the servers on the way know, or by the message's id, which the addressee knows too.
    """

    status: Status
    matched_by: Matched
    notice_id: UUID
    report: Report
    notice: Notice
