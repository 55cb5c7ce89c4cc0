"""The main job, end to end, with real processes: every step failing in each way, over each protocol, answered both ways."""
import pytest
from device import CATEGORIES
from world import NEW, OLD

STEPS = ("backup", "update", "restore")
OPERATION = {"backup": "backup", "update": "fetch", "restore": "restore"}
REQUIREMENTS = {"backup": ("R2", "R3", "R4"), "update": ("R7", "R8", "R9"), "restore": ("R12", "R13", "R14")}
# how the device fails, and the reason that the manager must name
WAYS = {"message": ("fail={}", "device-failed"), "time": ("hang={}", "late")}
SHORT = 4  # seconds, the scheduled time of the step that shall pass


def matrix():
    for protocol in ("tftp", "ftp"):
        for step in STEPS:
            for way in WAYS:
                for answer in ("retry", "stop"):
                    marks = [pytest.mark.proves(*REQUIREMENTS[step])]
                    if answer == "retry":
                        marks.append(pytest.mark.proves("R1"))
                    if step == "update" and answer == "retry":
                        marks.append(pytest.mark.proves("R10"))
                    yield pytest.param(protocol, step, way, answer, id=f"{protocol}-{step}-{way}-{answer}", marks=marks)


def assert_upgraded(device, before, flashes=1):
    status = device.status()
    assert status["version"] == NEW and status["configuration"]["format"] == 2
    assert device.categories() == before
    assert status["flash_count"] == flashes


def transfers(world, job):
    """The ledger's whole transfers of a job, as (direction, protocol)."""
    return [(entry["direction"], entry["protocol"]) for entry in world.job(job)["ledger"] if entry["kind"] == "complete"]


@pytest.mark.parametrize("protocol", ["tftp", "ftp"])
@pytest.mark.proves("R1", "R6", "R10", "R16")
def test_clean_upgrade(world, protocol, evidence):
    device = world.device("d1")
    before = device.categories()
    image = world.image(files=2)

    ended = world.upgrade("d1", image, protocol=protocol)

    assert (ended.code, ended.state) == (0, "done"), ended
    assert_upgraded(device, before)
    crossed = transfers(world, ended.job)
    assert {protocol} == {by for _, by in crossed}
    assert crossed == [("write", protocol), ("read", protocol), ("read", protocol), ("read", protocol), ("write", protocol)]
    evidence(f"{protocol}: {OLD} to {NEW}, format 1 to 2, categories equal", ", ".join(CATEGORIES))


@pytest.mark.parametrize("protocol, step, way, answer", list(matrix()))
def test_failure(world, protocol, step, way, answer, evidence):
    fault, reason = WAYS[way]
    device = world.device("d1", faults=[fault.format(OPERATION[step])])
    before = device.categories()
    image = world.image()
    limits = {step: SHORT} if way == "time" else None

    asked = world.upgrade("d1", image, protocol=protocol, limits=limits)

    assert (asked.code, asked.state) == (4, "asking"), asked
    question = world.decision()
    assert (question["step"], question["reason"]) == (step, reason), question
    assert question["evidence"]
    world.decide(answer)
    ended = world.watch(asked.job)
    if answer == "retry":
        assert (ended.code, ended.state) == (0, "done"), ended
        assert_upgraded(device, before, flashes=device.status()["flash_count"])
        assert {protocol} == {by for _, by in transfers(world, asked.job)}
    else:
        assert (ended.code, ended.state) == (3, "stopped"), ended
        assert ended.software in (OLD, NEW) and device.status()["version"] == ended.software
        if step != "restore":
            assert device.status()["version"] == OLD and device.categories() == before
    evidence(f"{protocol}, {step} failed by {way}, answered {answer}", f"asked '{question['reason']}', ended {ended.state}")
