"""A device that is still busy with an earlier command is waited for; retries are not spent on it within a moment."""
import pytest
from world import NEW


@pytest.mark.parametrize("on_failure", ["ask", "retry:1"])
def test_busy_device_is_waited_for(world, on_failure):
    # given a device whose first backup is late, and that carries it out for some time after its scheduled time
    device = world.device("d1", faults=["late=backup,4500:1"])
    before = device.categories()

    # when it is asked for the backup again at once
    answer = world.upgrade("d1", world.image(), on_failure=on_failure, limits={"backup": 3})
    if on_failure == "ask":
        assert (answer.code, answer.state) == (4, "asking"), answer
        world.decide("retry")
        answer = world.watch(answer.job)

    # then the one retry is enough
    assert (answer.code, answer.state) == (0, "done"), answer
    assert device.status()["version"] == NEW and device.categories() == before
    results = [(attempt["step"], attempt["result"]) for attempt in world.job(answer.job)["attempts"]]
    assert len([step for step, _ in results if step == "backup"]) == 2, results
