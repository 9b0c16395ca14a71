# The registry as one image: `web` by default, any management command as its argument.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
    DATA_DIR=/data BIND_ADDRESS=0.0.0.0 PORT=8000
WORKDIR /srv/registry

RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin registry \
 && install --directory --owner registry --group registry --mode 0750 /data
COPY requirements.txt ./
RUN pip install --requirement requirements.txt
COPY manage.py ./
COPY overlays ./overlays
COPY registry ./registry
RUN python -m compileall -q overlays registry

USER registry
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/readyz', timeout=4)"]
CMD ["gunicorn", "--config", "python:registry.gunicorn_conf", "registry.wsgi"]
