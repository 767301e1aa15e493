FROM python:3.13-slim-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements-uv.lock requirements-server.lock /tmp/
RUN python -m venv /venv \
    && /venv/bin/pip install --quiet --require-hashes --requirement /tmp/requirements-uv.lock \
    && /venv/bin/uv pip install --quiet --python /venv/bin/python --require-hashes --requirement /tmp/requirements-server.lock \
    && /venv/bin/pip uninstall --quiet --yes uv

FROM python:3.13-slim-trixie
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/data STATIC_ROOT=/app/staticfiles HOST=0.0.0.0 PORT=8000
# pg_dump and pg_restore for `manage.py backup`; they must not be older than the server.
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client-17 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --create-home walks && install -d -o walks -g walks -m 750 /data /backups
WORKDIR /app
COPY --from=build /venv /venv
COPY . .
# The key is only for this step: collecting files signs nothing, and no key stays in the image.
RUN install -d /tmp/build && DATA_DIR=/tmp/build python manage.py collectstatic --noinput --verbosity 0 && rm -r /tmp/build
USER walks
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["python", "scripts/probe.py"]
STOPSIGNAL SIGTERM
CMD ["gunicorn", "-c", "gunicorn.conf.py", "learningwalks.wsgi"]
