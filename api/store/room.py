"""How many jobs a PDU may have at once."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from api.store.idempotency import take_turns
from api.store.records import JobState
from api.store.tables import jobs
from models.errors import NoRoomError

OPEN = (JobState.QUEUED.value, JobState.RUNNING.value)
"""The states that are no end."""


def require_room(connection: Connection, pdu: str, most: int | None) -> None:
    """Raises NoRoomError when the PDU has `most` jobs waiting or running; None is no limit.

    Who asks for the same PDU at the same time waits here until this transaction ends, so that no two take one place.
    """
    if most is None:
        return
    take_turns(connection, "room", pdu)
    query = select(func.count()).select_from(jobs).where(jobs.c.pdu == pdu, jobs.c.state.in_(OPEN))
    if connection.execute(query).scalar_one() >= most:
        raise NoRoomError(f"there are {most} jobs waiting or running already")
