"""Reading accounts: people and their roles; devices, sign-ins and what was stopped."""

from lab_contingency.accounts.queries.people import (
    DemonstrationPerson,
    GrantView,
    UserView,
    actor_of,
    demonstration_actors,
    demonstration_people,
    grant_owner,
    grants_of,
    user,
    users,
)
from lab_contingency.accounts.queries.shared import (
    DeviceView,
    EmergencyView,
    LockedPerson,
    SignInView,
    devices,
    envelopes_left,
    exports_stopped,
    locked_here,
    open_emergencies,
    sign_ins_now,
)

__all__ = [
    "DemonstrationPerson",
    "DeviceView",
    "EmergencyView",
    "GrantView",
    "LockedPerson",
    "SignInView",
    "UserView",
    "actor_of",
    "demonstration_actors",
    "demonstration_people",
    "devices",
    "envelopes_left",
    "exports_stopped",
    "grant_owner",
    "grants_of",
    "locked_here",
    "open_emergencies",
    "sign_ins_now",
    "user",
    "users",
]
