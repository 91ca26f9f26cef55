"""What must stand before the processes start: the database's tables, the published articles, the demo's users."""

from __future__ import annotations

import subprocess

from launch.config import Config
from launch.health import http_json
from launch.say import Progress, Trouble, line, tail

TIMEOUT = 300


def seed(config: Config) -> None:
    """Run the steps of seeding; each does nothing when there is nothing to do. Raises Trouble."""
    # For real use the knowledge base begins empty: the shipped articles are the demo's, the trees are everybody's.
    # Seeding the demo's users brings the tables up to date first.
    steps: list[tuple[str, ...]] = [("bot", "migrate")]
    if config.demo:
        steps = [("knowledge_base", "seed"), ("bot", "users", "seed-demo")]
    if config.env["TREES_FOLDER"] == str(config.var / "trees"):  # a folder of one's own is left alone
        steps.append(("knowledge_base", "seed", "--trees"))
    progress = Progress("Preparing the record and the articles")
    for step in steps:
        _run(config, step, progress)
    progress.done()


def _run(config: Config, step: tuple[str, ...], progress: Progress) -> None:
    log = config.var / "log" / f"setup-{'-'.join(step)}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [str(config.root / ".venv" / "bin" / "python"), "-m", *step]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env=dict(config.env), cwd=config.root
        )
        while True:
            try:
                code = process.wait(timeout=0.1)
                break
            except subprocess.TimeoutExpired:
                progress.tick()
                if progress.seconds > TIMEOUT:
                    process.kill()
            except BaseException:
                process.kill()
                raise
    if code != 0:
        progress.done("failed")
        raise Trouble(f"`python -m {' '.join(step)}` failed (exit {code}). The end of {log}:\n{tail(log)}")


def tell_broken_articles(config: Config) -> None:
    """Say which articles are broken, by file and line; everything runs without them."""
    broken = http_json(config.url_of("knowledge_base") + "/healthz").get("broken") or []
    if broken:
        line("Some articles are broken; Relais runs without them:")
    for each in broken[:20]:
        line(f"    {each.get('file')}:{each.get('line')}: {each.get('message')}")
