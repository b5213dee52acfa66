"""What the routes of all calculators have in common."""

from typing import Any

from clm.kit.auth import scope

CALCULATION: dict[str, Any] = {
    "tags": ["Calculations"],
    "guards": [scope("calculations:read")],
    "status_code": 200,
}
