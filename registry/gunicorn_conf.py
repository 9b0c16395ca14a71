"""Sets up gunicorn: threads for slow uploads, no query string in the log, nothing left running at the end.

PORT and BIND_ADDRESS say where to listen, WEB_CONCURRENCY how many processes, WEB_THREADS how many threads in each.
"""

import os

bind = f"{os.environ.get('BIND_ADDRESS', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "registry.gunicorn_worker.FairThreadWorker"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
timeout = 3600  # the largest request (MAX_REQUEST_BYTES, 4 GiB) at 10 Mbit/s takes just under an hour
graceful_timeout = 30
keepalive = 30
control_socket_disable = True
accesslog = "-"
# %(U)s is the path alone: a query string may hold a name to search for, a Referer a whole query.
access_log_format = '%(t)s %(h)s "%(m)s %(U)s" %(s)s %(B)s bytes %(M)s ms %({x-request-id}o)s'


def post_worker_init(worker: object) -> None:
    """Look whether the database is fit to be served from, once the application is loaded."""
    from registry.startup import begin

    begin()
