"""What people in the demo have promised each other (avtalar): one of them is late."""

from __future__ import annotations

from datetime import timedelta

from deploy.town.hall import Town
from models.clock import today
from models.elements.activity import Activity


def promise(town: Town, plan_id: int, coordinator: str, teacher: str, therapist: str) -> None:
    """Tasks of four: of the therapist, late; of the teacher, soon; of the coordinator; of a
    service without anybody named."""
    at = {"plan_id": plan_id}
    promised = (
        ("Låne ut symjebelte og vise korleis det blir brukt", therapist, None, -3),
        ("Finne ein roleg krok til friminutta", teacher, None, 5),
        ("Søkje om avlasting annakvar helg", coordinator, None, 10),
        ("Lage fast rute for skulebussen", None, "Skyss", 16),
    )
    with town.acting(coordinator) as session:
        for what, login, service, days in promised:
            task = Activity(
                **at, what=town.says(what), due=today() + timedelta(days=days),
                service=town.says(service) if service else None,
                responsible_id=town.people[login][0] if login else None,
            )  # fmt: skip
            session.add(task)
        session.flush()
