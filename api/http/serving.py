"""`evenhand serve`: the API, a worker process beside it, and their orderly end."""

from __future__ import annotations

import contextlib
import dataclasses
import signal
import socket
import threading
from collections.abc import Callable, Iterator

import uvicorn

from api.http.app import create_app, utc_now
from api.http.connection import connections
from api.http.routes.running import LOOPBACK_NOTE
from api.jobs.child import ChildLimits
from api.jobs.dbos_queue import DbosQueue
from api.jobs.worker import WorkerProcess, WorkerSettings
from api.logs import configure, logger
from api.settings import Settings
from api.store.store import Store
from models.errors import StoreError, UsageError

LOOK_SECONDS = 2.0
RETENTION_SECONDS = 24 * 3600.0
GOODBYE_SECONDS = 10
MOST_HEADER_BYTES = 32_768

_log = logger(__name__)
Say = Callable[[str], None]


def serve(settings: Settings, *, worker: bool, migrate: bool, say: Say) -> None:
    """Serves until SIGTERM or SIGINT. worker: also do the jobs. migrate: bring the tables to their newest state first.

    A new SQLite store is made in any case. Raises UsageError where the address cannot be served, StoreError.
    """
    settings.check_binding()
    configure(settings.log_level)
    listener = _listen(settings)
    on_file = settings.database_url.startswith("sqlite")
    with contextlib.ExitStack() as stack:
        stack.callback(listener.close)
        store = stack.enter_context(Store.open(settings.database_url, migrate=migrate or on_file))
        queue = DbosQueue(settings.database_url)
        stack.callback(queue.close)
        app = create_app(settings, store, queue)
        if worker:
            stack.enter_context(_working(settings))
        if settings.limits.retention_days is not None:
            stack.enter_context(_retiring(store, settings.limits.retention_days))
        for line in greeting(settings, listener.getsockname()[1]):
            say(line)
        server = uvicorn.Server(configuration(app, settings.limits.read_seconds))
        for number in (signal.SIGINT, signal.SIGTERM):  # uvicorn raises them once more when it has ended
            signal.signal(number, lambda *_: None)
        server.run(sockets=[listener])


def configuration(app: object, read_seconds: float) -> uvicorn.Config:
    """How uvicorn runs: our logs, no words about itself, limits on connections and headers and on their time."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type]  # any ASGI application
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="on",
        http=connections(read_seconds),
        h11_max_incomplete_event_size=MOST_HEADER_BYTES,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=GOODBYE_SECONDS,
        ws="none",
    )


def greeting(settings: Settings, port: int) -> Iterator[str]:
    """What a person who starts the service wants to know."""
    host = f"[{settings.host}]" if ":" in settings.host.strip("[]") else settings.host
    yield f"serving http://{host}:{port} (what there is: http://{host}:{port}/openapi.json)"
    if settings.authentication is None:
        yield LOOPBACK_NOTE
    else:
        yield f"callers need a token of {settings.authentication.issuer}"
    yield f"data are kept in {settings.database_shown}"
    days = settings.limits.retention_days
    if days is None:
        yield "problems and plans are kept until somebody removes them (EVENHAND_RETENTION_DAYS)"
    else:
        yield f"problems and plans are removed after {days} days"
    yield "Ctrl-C ends it; jobs under way go on at the next start"


def _listen(settings: Settings) -> socket.socket:
    """The socket to serve, taken before anything else is started. Raises UsageError."""
    host = settings.host.strip("[]")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, settings.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP, flags=socket.AI_PASSIVE
        )[0]
        # With the protocol named, asyncio sends small answers at once (TCP_NODELAY) and not 40 ms later.
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(1024)  # from now on callers wait instead of being refused
    except OSError as error:
        raise UsageError(
            f"{settings.host} port {settings.port} cannot be served: {error.strerror}; EVENHAND_PORT names another"
        ) from None
    return listener


@contextlib.contextmanager
def _working(settings: Settings) -> Iterator[None]:
    """A worker process while the block runs, started again when it ends by itself."""
    limits = ChildLimits(megabytes=settings.limits.job_memory_megabytes)
    done = threading.Event()
    with WorkerProcess(WorkerSettings(settings.database_url, 1, limits)) as process:

        def watch() -> None:
            while not done.wait(LOOK_SECONDS):
                if process.keep_alive():
                    _log.warning("the worker ended and was started again")

        thread = threading.Thread(target=watch, name="evenhand-watch", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


@contextlib.contextmanager
def _retiring(store: Store, days: int) -> Iterator[None]:
    """While the block runs, what is older than it may be kept is removed once a day."""
    done = threading.Event()

    def retire() -> None:
        while True:
            try:
                removed = store.apply_retention(utc_now(), days)
                _log.info("retention was applied", count=sum(dataclasses.astuple(removed)))
            except StoreError:
                _log.warning("retention could not be applied", exc_info=True)
            if done.wait(RETENTION_SECONDS):
                return

    thread = threading.Thread(target=retire, name="evenhand-retention", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(timeout=30)
