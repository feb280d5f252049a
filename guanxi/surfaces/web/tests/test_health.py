"""The health page and the banner: nothing stops silently, and everybody finds their own jobs again."""

import datetime
import uuid
from collections import namedtuple
from typing import Any

import pytest
from django.utils import timezone

from guanxi.kernel import jobs, worker
from guanxi.kernel.api import Refused
from guanxi.kernel.entries import Entry
from guanxi.kernel.job_rows import Attempt, Effect, Heartbeat, Job
from guanxi.surfaces.web import health

MINUTE = datetime.timedelta(minutes=1)
STUCK = "The oldest job has been waiting for 6 minutes: the worker is stuck or has too much to do."
done: list[str] = []
usage = namedtuple("usage", "total used free")


@pytest.fixture(autouse=True)
def _clean():
    done.clear()
    health.forget_banner()
    yield
    health.forget_banner()


@jobs.job()
def look(ctx: worker.JobCtx, word: str = "") -> None:
    """Look for something."""
    done.append(word)


@jobs.job()
def refuse(ctx: worker.JobCtx) -> None:
    """Send the letter."""
    done.append("tried")
    if len(done) == 1:
        raise Refused("The address <b>is</b> wrong.")


def check(boss: Any, name: str) -> health.Check:
    return next(one for one in health.health(boss()) if one.name == name)


@pytest.mark.covers("JOB-01", "P40")
def test_a_stopped_worker_is_noticed(boss, anna):
    assert (check(boss, "worker").ok, health.banner(boss())[:25]) == (False, "No worker has ever run: m")
    assert "No worker has ever run: mails" in boss.client.get("/").content.decode()
    assert "No worker has ever run" not in anna.client.get("/").content.decode()
    worker.Keeper("one", "*").beat(timezone.now())
    health.forget_banner()
    assert (check(boss, "worker").text, health.banner(boss())) == ("1 worker is running.", "")
    Heartbeat.objects.update(beat_at=timezone.now() - 3 * MINUTE)
    health.forget_banner()
    assert not check(boss, "worker").ok
    assert health.banner(boss()).startswith("No worker since 20")
    assert health.banner(anna()) == ""


@pytest.mark.covers("JOB-01", "P40")
def test_a_job_that_waits_too_long_is_noticed(anna, boss, django_assert_num_queries):
    worker.Keeper("one", "*").beat(timezone.now())
    jobs.enqueue_at(anna(), timezone.now() + 9 * MINUTE, look)
    jobs.enqueue(anna(), look)
    assert (check(boss, "queue").ok, check(boss, "queue").text) == (True, "1 job is waiting.")
    Job.objects.filter(due_at__lt=timezone.now()).update(due_at=timezone.now() - 6 * MINUTE)
    assert (check(boss, "queue").ok, check(boss, "queue").figures["waiting"]) == (False, 1)
    assert check(boss, "queue").figures["oldest_seconds"] >= 360
    ctx = boss()
    assert ctx.rights.administrator
    with django_assert_num_queries(1):
        assert health.banner(ctx) == health.banner(ctx) == STUCK


@pytest.mark.covers("P40")
def test_failures_and_dead_jobs_are_counted(anna, boss):
    assert (check(boss, "failures").ok, check(boss, "dead").ok) == (True, True)
    jobs.enqueue(anna(), refuse)
    worker.drain()
    assert check(boss, "failures").figures == {"done": 0, "failed": 1, "kinds": [
        {"job": f"{refuse.__module__}.refuse", "kind": "guanxi.kernel.refusal.Refused", "count": 1}]}
    assert (check(boss, "failures").ok, check(boss, "dead").ok) == (False, False)
    assert check(boss, "dead").text == "1 job was given up: read why, then run it again."


@pytest.mark.covers("FLT-03")
@pytest.mark.parametrize(("used", "free", "ok"), [(94, 200, True), (95, 200, False), (99, 200, False), (50, 0.9, False)])
def test_a_disk_that_fills_up_is_told_to_administrators(boss, anna, monkeypatch, used, free, ok):
    size = free * 2**30 * 100 / (100 - used)
    monkeypatch.setattr(health.shutil, "disk_usage", lambda _place: usage(size, size - free * 2**30, free * 2**30))
    worker.Keeper("one", "*").beat(timezone.now())
    health.forget_banner()
    assert check(boss, "disk").ok is ok
    assert ("The disk is" in boss.client.get("/").content.decode()) is not ok
    assert "The disk is" not in anna.client.get("/").content.decode()
    if not ok:
        told = f"The disk is {used} % full, {free:.1f} GB are left for data and files: make room, or nothing more can be saved."
        assert check(boss, "disk").text == told


@pytest.mark.covers("P40")
def test_why_and_retry_of_a_job_given_up(anna, boss):
    key = jobs.enqueue(anna(), refuse).key
    worker.drain()
    page = boss.client.get("/health").content.decode()
    assert all(words in page for words in (
        "Send the letter.", "The address &lt;b&gt;is&lt;/b&gt; wrong.", "guanxi.kernel.refusal.Refused",
        "raise Refused", f"/jobs/{key}/retry", "kernel.prune_jobs", "20 3 * * *"))
    assert boss.client.post(f"/jobs/{key}/retry").status_code == 302
    assert Job.objects.get(key=key).state == Job.State.QUEUED
    worker.drain()
    assert (Job.objects.get(key=key).state, done, Attempt.objects.count()) == (Job.State.DONE, ["tried"] * 2, 1)
    refused = boss.client.post(f"/jobs/{key}/retry")
    assert (refused.status_code, Job.objects.get(key=key).state) == (400, Job.State.DONE)


def test_the_health_page_is_for_administrators(anna, boss):
    key = jobs.enqueue(anna(), refuse).key
    worker.drain()
    assert [anna.client.get("/health").status_code, anna.client.post(f"/jobs/{key}/retry").status_code] == [403, 403]
    assert Job.objects.get(key=key).state == Job.State.DEAD
    assert boss.client.get("/health").status_code == 200


@pytest.mark.covers("AUD-02")
def test_the_seals_are_checked_on_demand(boss, anna, customer, monkeypatch):
    anna().create(customer, name="A")
    whole = boss.client.get("/health?check=1").content.decode()
    monkeypatch.setattr(Entry, "digest", lambda _self: "tampered")
    broken = boss.client.get("/health?check=1").content.decode()
    assert "The log is whole" in whole
    assert f"entry {Entry.objects.order_by('id').first().pk} does not fit" in broken
    assert "The log" not in boss.client.get("/health").content.decode()


def test_one_finds_ones_own_jobs_again_and_cancels_them(anna, bert):
    mine, other = jobs.enqueue(anna(), look), jobs.enqueue(bert(), look)
    Job.objects.filter(key=mine.key).update(done=30, total=120, note="row 30")
    page = anna.client.get("/jobs").content.decode()
    assert '<progress value="25" max="100">' in page and "row 30" in page and "Look for something." in page
    assert f"/jobs/{mine.key}/cancel" in page and str(other.key) not in page
    tries = [anna.client.post(f"/jobs/{other.key}/cancel"), anna.client.post(f"/jobs/{uuid.uuid4()}/cancel")]
    assert [one.status_code for one in tries] == [404, 404]
    assert Job.objects.get(key=other.key).state == Job.State.QUEUED

    assert anna.client.post(f"/jobs/{mine.key}/cancel").status_code == 302
    worker.drain()
    assert (Job.objects.get(key=mine.key).state, Job.objects.get(key=other.key).state, done) == (
        Job.State.ENDED, Job.State.DONE, [""])
    assert "Cancelled before it ran." in anna.client.get("/jobs").content.decode()
    assert not Effect.objects.exists()


def test_a_load_balancer_hears_that_the_process_answers(client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")
