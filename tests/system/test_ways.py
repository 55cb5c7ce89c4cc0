"""Each way in which a step can fail: the right question, the right end, the configuration intact."""
import pytest
from device import FACTORY
from peers import dd
from process import run, until
from world import NEW, OLD

from test_upgrade import assert_upgraded


def asked(world, answer, step, reason, state="asking"):
    """The command ended with a question of this step and reason."""
    assert (answer.code, answer.state) == (4, state), answer
    question = world.decision()
    assert (question["step"], question["reason"]) == (step, reason), question
    assert question["evidence"], question
    return question


def rolled_back(world, device, before, job):
    """Answer rollback: the old version and its configuration are back."""
    world.decide("rollback")
    ended = world.watch(job)
    assert (ended.code, ended.state) == (3, "rolled-back"), ended
    assert device.status()["version"] == OLD and device.categories() == before


@pytest.mark.parametrize("fault, step, reason", [
    pytest.param("refuse=fetch", "update", "refused", id="refused"),
    pytest.param("fail=fetch", "update", "device-failed", id="message"),
    pytest.param("break=fetch", "update", "transfer-broken", id="broken-transfer"),
    pytest.param("corrupt", "update", "device-failed", id="corrupt-image"),
    pytest.param("wrong", "update", "wrong-version", id="wrong-version"),
    pytest.param("noboot", "update", "fell-back", id="does-not-boot"),
    pytest.param("lie=activate", "update", "fell-back", id="lies-about-activate"),
    pytest.param("fail=reload", "update", "device-failed", id="reload-fails"),
    pytest.param("lossy-restore", "confirm", "differs", id="lossy-restore"),
    pytest.param("no-ports:0", "confirm", "service-worse", id="ports-stay-down"),
    pytest.param("fail=restore", "restore", "device-failed", id="restore-fails"),
    pytest.param("break=restore", "restore", "transfer-broken", id="restore-breaks"),
])
def test_failure_is_asked_and_rolled_back(world, fault, step, reason, evidence):
    device = world.device("d1", faults=[fault])
    before = device.categories()
    answer = world.upgrade("d1", world.image(), limits={"update": 20, "restore": 10, "confirm": 10})
    asked(world, answer, step, reason)
    rolled_back(world, device, before, answer.job)
    evidence(f"{fault}: asked", f"{step}, {reason}; rolled back, configuration equal")


@pytest.mark.parametrize("fault", ["break=backup", "fail=backup", "refuse=backup", "lie=backup"])
def test_no_update_without_a_backup(world, fault):
    device = world.device("d1", faults=[fault + ":0"])
    before = device.status()
    answer = world.upgrade("d1", world.image(), limits={"backup": 3})
    assert (answer.code, answer.state) == (4, "asking"), answer
    assert world.decide("stop")["step"] == "backup"
    ended = world.watch(answer.job)
    assert (ended.code, ended.state, ended.software) == (3, "stopped", OLD), ended
    after = device.status()
    assert after["flash_count"] == 0 and after["slots"] == before["slots"]
    assert after["configuration"] == before["configuration"]


def test_silence_ends_by_the_scheduled_time(world):
    device = world.device("d1", faults=["mute=fetch"])
    before = device.categories()
    answer = world.upgrade("d1", world.image(), limits={"update": 3})
    assert (answer.code, answer.state) == (4, "asking"), answer
    question = world.decision()
    assert question["step"] == "update" and question["reason"] in ("late", "unclear", "stalled"), question
    device.restart(faults=[])
    world.decide("retry")
    ended = world.watch(answer.job)
    assert (ended.code, ended.state) == (0, "done"), ended
    assert_upgraded(device, before, flashes=device.status()["flash_count"])


def test_late_success_is_evidence_and_not_progress(world):
    device = world.device("d1", faults=["late=backup,6000"])
    before = device.categories()
    answer = world.upgrade("d1", world.image(), limits={"backup": 2})
    asked(world, answer, "backup", "late")
    until(lambda: device.snmp.status()["state"] == "succeeded", "the device says done, too late")
    assert len(world.decisions()) == 1  # still the same question: the late word decides nothing
    world.decide("retry")
    ended = world.watch(answer.job)
    assert (ended.code, ended.state) == (0, "done"), ended
    assert_upgraded(device, before)


def test_dropped_configuration_comes_back_on_rollback(world):
    device = world.device("d1", faults=["noboot", "drop-config:0"])
    before = device.categories()
    answer = world.upgrade("d1", world.image())
    asked(world, answer, "update", "fell-back")
    rolled_back(world, device, before, answer.job)


@pytest.mark.parametrize("fault", ["fail=backup", "fail=fetch", "fail=restore"])
def test_policy_retries_without_asking(world, fault):
    device = world.device("d1", faults=[fault + ":2"])
    before = device.categories()
    ended = world.upgrade("d1", world.image(), on_failure="retry:2")
    assert (ended.code, ended.state) == (0, "done"), ended
    assert_upgraded(device, before, flashes=device.status()["flash_count"])
    assert world.decisions() == []


def test_policy_asks_after_its_retries(world):
    world.device("d1", faults=["fail=backup:0"])
    answer = world.upgrade("d1", world.image(), on_failure="retry:2")
    asked(world, answer, "backup", "device-failed")
    attempts = [a for a in world.job(answer.job)["attempts"] if a["step"] == "backup"]
    assert len(attempts) == 3


def test_policy_stops_by_itself(world):
    device = world.device("d1", faults=["fail=backup:0"])
    ended = world.upgrade("d1", world.image(), on_failure="stop")
    assert (ended.code, ended.state, ended.reason) == (3, "stopped", "device-failed"), ended
    assert device.status()["flash_count"] == 0


def test_policy_rolls_back_by_itself(world):
    device = world.device("d1", faults=["fail=restore:0"])
    before = device.categories()
    ended = world.upgrade("d1", world.image(), on_failure="rollback")
    assert (ended.code, ended.state) == (3, "rolled-back"), ended
    assert device.status()["version"] == OLD and device.categories() == before


@pytest.mark.parametrize("fault, options, how", [
    pytest.param("fail=backup", [], "trap", id="trap-only"),
    pytest.param("fail=backup", ["--inform"], "inform", id="inform-only"),
    pytest.param("fail=backup", ["--no-trap"], "poll", id="poll-only"),
])
@pytest.mark.proves("R3", "R8", "R13")
def test_failure_message(world, fault, options, how, evidence):
    world.device("d1", faults=[fault], options=options)
    answer = world.upgrade("d1", world.image())
    asked(world, answer, "backup", "device-failed")
    kinds = {event["event"] for event in world.job(answer.job)["evidence"]}
    assert ("message" in kinds) == (how != "poll"), kinds
    evidence("failure message by", how)


def test_forged_trap_changes_nothing(world):
    """Somebody who knows ticket and address claims that the backup failed, while it goes on."""
    device = world.device("d1", faults=["late=backup,3000"])
    before = device.categories()
    started = world.upgrade("d1", world.image(), wait=False)
    ticket = until(lambda: int(device.snmp.get("1.3.1.0")), "the backup command has arrived")
    for source in (device.host, world.net.host(99)):
        forged = run(["snmptrap", "-v2c", "-c", "x", "-m", "", f"--clientaddr={source}", world.manager.traps, "", dd("0.2"),
                      dd("1.4.1.0"), "u", ticket, dd("1.4.2.0"), "i", 1, dd("1.4.3.0"), "i", 3, dd("1.4.4.0"), "i", 9,
                      dd("1.4.5.0"), "s", "forged"])
        assert forged.code == 0, forged
    ended = world.watch(started.job)
    assert (ended.code, ended.state) == (0, "done"), ended
    assert_upgraded(device, before)
    assert [a for a in world.job(started.job)["attempts"] if a["step"] == "backup"][0]["reason"] in (None, "none", "")


def test_second_job_on_a_busy_device_is_refused(world):
    world.device("d1", faults=["hang=backup"])
    image = world.image()
    assert world.upgrade("d1", image, wait=False).code == 0
    second = world.upgrade("d1", image, wait=False)
    assert second.code == 1 and "job" in second.ran.error


@pytest.mark.parametrize("image, reason", [
    pytest.param({"model": "OTHER-9"}, "wrong-model", id="other-model"),
    pytest.param({"revisions": ["Z"]}, "wrong-revision", id="other-revision"),
    pytest.param({"version": OLD, "config_format": 1}, "already-there", id="same-version"),
    pytest.param({"config_format": 9}, "no-migration", id="unknown-format"),
])
def test_preflight_holds_back(world, image, reason):
    device = world.device("d1")
    before = device.status()
    answer = world.upgrade("d1", world.image(**image))
    assert (answer.code, answer.state, answer.reason) == (3, "held", reason), answer
    assert device.status() == before


def test_unreachable_device_is_asked_about_and_not_touched(world):
    device = world.device("d1")
    image = world.image()
    device.stop()
    answer = world.upgrade("d1", image, limits={"preflight": 3})
    asked(world, answer, "preflight", "unreachable")
    world.decide("stop")
    assert world.watch(answer.job).state in ("stopped", "held")


def test_factory_access_is_a_proven_way_back(world):
    """After the update it comes up with factory address and community: found there by its serial number."""
    factory = f"{world.net.host(200)}:1161"
    management = f'{{survives: false, factory: {{address: "{factory}", community: {FACTORY}}}}}'
    profile = world.profile("comes-up-elsewhere", management=management)
    device = world.device("d1", faults=[f"factory={factory},{FACTORY}"], profile=profile)
    before = device.categories()
    ended = world.upgrade("d1", world.image(profile=profile), limits={"update": 20, "restore": 20})
    assert (ended.code, ended.state) == (0, "done"), ended
    assert_upgraded(device, before)


def test_without_a_way_back_it_is_held(world):
    profile = world.profile("no-way-back", management="{survives: false}")
    device = world.device("d1", profile=profile)
    ended = world.upgrade("d1", world.image(profile=profile))
    assert (ended.code, ended.state, ended.reason) == (3, "held", "no-management"), ended
    assert device.status()["flash_count"] == 0


def one_slot(world, **options):
    profile = world.profile("one-slot", slots="1")
    return profile, world.device("d1", slots=1, profile=profile, **options)


def test_one_slot_device_needs_the_old_image_in_the_manager(world):
    profile, device = one_slot(world)
    ended = world.upgrade("d1", world.image(profile=profile))
    assert (ended.code, ended.state, ended.reason) == (3, "held", "no-way-back"), ended
    assert device.status()["flash_count"] == 0


def test_one_slot_device_gets_its_old_software_back_from_the_manager(world):
    profile, device = one_slot(world, faults=["wrong"])
    before = device.categories()
    world.image(version=OLD, config_format=1, profile=profile)
    answer = world.upgrade("d1", world.image(profile=profile))
    asked(world, answer, "update", "wrong-version")
    rolled_back(world, device, before, answer.job)
