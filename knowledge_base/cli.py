"""The command lines: serve, search, lint, import, evaluate, group, seed."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import structlog

import encoder
from knowledge_base import progress
from knowledge_base.content import importing, placing
from knowledge_base.content.article import Article
from knowledge_base.content.lint import lint
from knowledge_base.content.seed import seed
from knowledge_base.knowledge import KnowledgeBase
from knowledge_base.measuring import comparing, evaluation, grouping, tables
from knowledge_base.retrieval import warming
from knowledge_base.retrieval.following import Asked
from knowledge_base.retrieval.vectors import VectorCache
from knowledge_base.server import run
from knowledge_base.settings import KnowledgeBaseSettings, SettingsError, load_settings

SHIPPED = Path(__file__).parent / "articles"
SHIPPED_TREES = Path(__file__).parent / "trees"
FAULTS = (SettingsError, encoder.EncoderError, importing.ImportingError, evaluation.EvaluationError)


class CommandError(Exception):
    """A command found what it must report; the message is one sentence."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it succeeded, 1 otherwise."""
    options = _parser().parse_args(arguments)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # stdout is for results
    try:
        settings = load_settings()
        return int(options.run(options, settings) or 0)
    except (*FAULTS, CommandError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted: what was encoded is kept, and the same command goes on from there.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m knowledge_base",
        description="Articles, their index and search. Without a command: serve.",
    )
    parser.set_defaults(run=_serve)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _command(commands, "serve", _serve, "answer searches over HTTP (the default)")
    search = _command(commands, "search", _search, "ask one question of the folder, without a server")
    search.add_argument("question")
    search.add_argument("--locale", choices=["fr", "en"], help="language of the answer (default: the question's)")
    search.add_argument("--articles", type=Path, help="folder of articles (default: the published ones)")
    search.add_argument("--limit", type=int, default=3, help="how many articles to list (default: 3)")
    check = _command(commands, "lint", _lint, "check a folder of articles")
    check.add_argument("folder", type=Path, nargs="?", help="default: the published articles")
    bring = _command(commands, "import", _import, f"bring in articles from {importing.FORMS}")
    bring.add_argument("source", type=Path)
    bring.add_argument("--into", type=Path, help="folder of articles (default: the published ones)")
    bring.add_argument("--locale", default="fr", help="language of rows that name none (default: fr)")
    bring.add_argument("--topic", default="", help="topic of rows that name none")
    bring.add_argument("--replace", action="store_true", help="put imported articles in the place of existing ones")
    bring.add_argument("--skip-refused", action="store_true", help="import the others when some are refused")
    bring.add_argument("--dry-run", action="store_true", help="check only, write nothing")
    bring.add_argument(
        "--encode",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="encode first, so that a running knowledge base finds the articles at once (the default)",
    )
    measure = _command(commands, "evaluate", _evaluate, "measure retrieval on a set of articles and queries")
    measure.add_argument("--articles", type=Path, required=True, help="JSON Lines, also .gz, or a folder of articles")
    measure.add_argument("--queries", type=Path, required=True, help="JSON Lines, also .gz")
    measure.add_argument(
        "--engine", type=_engines, default=["hybrid"], help="bm25, plain, hybrid (the default), several, or all"
    )
    gather = _command(commands, "group", _group, "group questions by meaning, and measure it where groups are known")
    gather.add_argument("--questions", type=Path, required=True, help="JSON Lines of {text, locale?, label?}, also .gz")
    gather.add_argument("--locale", default="en", help="language of rows that name none (default: en)")
    sow = _command(commands, "seed", _seed, "publish the shipped articles, keeping what writers changed")
    sow.add_argument("--from", dest="shipped", type=Path, default=SHIPPED, help="default: the shipped articles")
    sow.add_argument("--trees", action="store_true", help="the decision trees in the place of the articles")
    for command in (search, check, bring, measure, gather):
        command.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _command(commands: Any, name: str, run: Any, text: str) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text[:1].upper() + text[1:] + ".")
    made.set_defaults(run=run)
    return made


def _serve(_options: argparse.Namespace, settings: KnowledgeBaseSettings) -> None:
    run(settings)


def _search(options: argparse.Namespace, settings: KnowledgeBaseSettings) -> None:
    published = settings.knowledge_base_articles
    folder = options.articles or (published if published.is_dir() else SHIPPED)
    if not folder.is_dir():
        raise CommandError(f"{folder} is not a folder of articles.")
    made = settings.encoder(threads=2)
    knowledge = KnowledgeBase(folder, made, settings.vector_folder, _rate(settings))
    with progress.shown("encoding") as report:
        knowledge.refresh(report)
    found = knowledge.search(Asked(options.question, options.locale, options.limit))
    knowledge.close()
    if options.json:
        print(json.dumps(found.as_json(), ensure_ascii=False, indent=2))
        return
    print(f"{found.decision} ({found.confidence:.2f})")
    for result in found.results:
        print(f"  {result.score:.3f}  {result.article.id}  {result.article.title}")
    if found.decision == "answer":
        print(f"\n{found.results[0].article.answer}")


def _lint(options: argparse.Namespace, settings: KnowledgeBaseSettings) -> int:
    topics = (
        {topic for skill in settings.company().skills for topic in skill.topics} if _has_service(settings) else None
    )
    published = settings.knowledge_base_articles
    folder = options.folder or (published if published.is_dir() else SHIPPED)
    problems = lint(folder, topics=topics) if topics else lint(folder)
    errors = [problem for problem in problems if problem.severity == "error"]
    if options.json:
        print(json.dumps([problem.as_json() for problem in problems], ensure_ascii=False, indent=2))
    else:
        for problem in problems:
            print(problem)
        print(f"{len(errors)} errors, {len(problems) - len(errors)} warnings")
    return 1 if errors else 0


def _has_service(settings: KnowledgeBaseSettings) -> bool:
    return settings.service_file.is_file()


def _import(options: argparse.Namespace, settings: KnowledgeBaseSettings) -> int:
    started = time.monotonic()
    folder = options.into or settings.knowledge_base_articles
    with progress.shown("reading") as report:
        found = importing.read(options.source, locale=options.locale, topic=options.topic, progress=report)
    plan = placing.plan(found, folder, replacing=options.replace)
    for problem in plan.refused:
        print(problem, file=sys.stderr)
    if plan.refused and not options.skip_refused:
        hint = "mend them, or leave them out with --skip-refused"
        raise CommandError(f"{len(plan.refused)} refused ({hint}): nothing was imported.")
    texts = 0 if options.dry_run or not options.encode else _encode(plan.articles, settings)
    if not options.dry_run:
        placing.place(plan, folder)
    counts = {name: len(getattr(plan, name)) for name in ("new", "changed", "same", "refused")}
    seconds = round(time.monotonic() - started, 1)
    if options.json:
        written = 0 if options.dry_run else len(plan.written)
        more = {"articles": sorted(found.entries), "written": written, "folder": str(folder)}
        print(json.dumps(counts | more | {"texts": texts, "seconds": seconds}))
        return 0
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    if options.dry_run:
        print(f"{told}: nothing was written.")
    else:
        print(f"{told}: {folder} holds them. {texts} texts have their vectors. {seconds} s.")
    return 0


def _encode(articles: list[Article], settings: KnowledgeBaseSettings) -> int:
    """Ahead of the running knowledge base, which then finds every vector kept and only has to swap its index."""
    texts = warming.texts_of(articles)
    cache = VectorCache(settings.encoder(threads=1), settings.vector_folder)
    try:
        with progress.shown("encoding") as report:
            warming.warm(cache, texts, report)
    finally:
        cache.close()
    return len(texts)


def _engines(text: str) -> list[str]:
    names = list(comparing.ENGINES) if text == "all" else list(dict.fromkeys(text.split(",")))
    unknown = [name for name in names if name not in comparing.ENGINES]
    if unknown:
        known = ", ".join(comparing.ENGINES)
        raise argparse.ArgumentTypeError(f'there is no engine "{unknown[0]}": {known}, several with commas, or all')
    return names


def _evaluate(options: argparse.Namespace, settings: KnowledgeBaseSettings) -> None:
    articles, merged = evaluation.read_articles(options.articles)
    queries = evaluation.read_queries(options.queries, merged)
    for path, rows in ((options.articles, articles), (options.queries, queries)):
        if not rows:
            raise CommandError(f"{path}:1: there is nothing to measure: the file is empty.")
    entrants = comparing.Entrants(articles, settings, _rate(settings))
    outcomes = {}
    for name in options.engine:
        with progress.shown(f"{name}: encoding") as encoding:
            contestant = entrants.enter(name, encoding)
        with progress.shown(f"{name}: asking") as asking:
            outcomes[name] = comparing.ask_all(contestant, queries, asking)
    found = comparing.compare(queries, outcomes)
    if options.json:
        print(json.dumps(found if len(outcomes) > 1 else found["engines"][options.engine[0]]))
    else:
        print(f"{len(articles)} articles; {tables.comparison(found)}")


def _group(options: argparse.Namespace, settings: KnowledgeBaseSettings) -> None:
    questions = grouping.read_questions(options.questions, options.locale)
    with progress.shown("encoding") as report:
        found, figures = grouping.measure(settings.encoder(threads=1), questions, report)
    if options.json:
        print(json.dumps(figures))
        return
    texts = {item.id: item.text for item in questions.items}
    for each in found.groups:
        print(f"{len(each.members):>6}  {texts[each.typical]}")
    print(grouping.show(figures))


def _rate(settings: KnowledgeBaseSettings) -> float:
    return settings.company().answers.false_answer_rate if _has_service(settings) else 0.05


def _seed(options: argparse.Namespace, settings: KnowledgeBaseSettings) -> None:
    if options.trees:
        done = seed(SHIPPED_TREES, settings.published_trees, "*.yml")
        print(f"Decision trees: {len(done.added)} added, {len(done.updated)} updated, {len(done.kept)} left.")
        return
    print(f"{seed(options.shipped, settings.knowledge_base_articles)}.")
