"""Two instances on one PostgreSQL database, one killed and one stopped meanwhile, end as one process alone would."""

from __future__ import annotations

from tests.campaigns.instances import ground, world


def test_a_death_and_a_standstill_of_two_instances_change_nothing() -> None:
    with ground() as on:
        found = world(on, instances=2, deaths=1, standstills=1, seed=1)
    assert (found.deaths, found.standstills) == (1, 1)
    assert found.at_rest
    assert (found.twice, found.differs, found.troubles) == ([], [], [])
    assert found.shares  # by one or both: one instance does a job
