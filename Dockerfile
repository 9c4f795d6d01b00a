# docker build -t rai-dash .
# docker run --rm -p 127.0.0.1:8501:8501 --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
#   -v rai-dash:/data rai-dash
FROM python:3.13-slim-bookworm AS build
WORKDIR /app
RUN python -m venv .venv
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
# With drivers for PostgreSQL, Spark and Ibis: --build-arg LOCK=requirements-extras.txt (Spark also needs Java below).
ARG LOCK=requirements.txt
COPY requirements-build.txt ${LOCK} ./
RUN .venv/bin/python -m pip install --require-hashes -r requirements-build.txt \
 && .venv/bin/python -m pip install --require-hashes --no-build-isolation -r ${LOCK}
COPY . .
# Compiled here: the running container may write nothing but /data and /tmp.
RUN .venv/bin/python -m pip install --no-deps --no-build-isolation -e . \
 && .venv/bin/python -m compileall -q rai_dash pages app.py \
 && .venv/bin/python -m rai_dash.explain.trees.warm

FROM python:3.13-slim-bookworm
# LightGBM's wheel does not bring the OpenMP library, nor WeasyPrint's the ones that lay out text.
RUN apt-get update && apt-get install -y --no-install-recommends \
    libgomp1 libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /tmp --shell /usr/sbin/nologin rai \
 && install -d -o rai -g rai /data
WORKDIR /app
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH \
    HOME=/tmp \
    MPLCONFIGDIR=/tmp/matplotlib \
    NUMBA_CACHE_DIR=/tmp/numba \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ORT_DISABLE_TELEMETRY=1 \
    RAI_DASH_DATA_DIR=/data
# Reached by another name than localhost? Say so: -e STREAMLIT_SERVER_ALLOWED_HOSTS=risk.bank.example
USER rai
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["rai-dash", "run", "--address", "0.0.0.0"]
