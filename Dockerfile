FROM python:3.13.18-slim-bookworm AS build
ENV UV_PYTHON_DOWNLOADS=never \
    UV_LINK_MODE=copy \
    UV_COMPILE_BYTECODE=1 \
    UV_PROJECT_ENVIRONMENT=/opt/loyalty
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /build
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-dev --extra otel --extra postgres --no-install-project
COPY . .
RUN uv sync --frozen --no-dev --extra otel --extra postgres --no-editable \
    && /opt/loyalty/bin/python .ci/sbom.py /opt/loyalty/sbom.cdx.json

FROM python:3.13.18-slim-bookworm
RUN useradd --uid 10001 --no-create-home --home-dir /var/lib/loyalty --shell /usr/sbin/nologin loyalty \
    && install --directory --owner loyalty --group loyalty --mode 0750 /var/lib/loyalty
# the bill of materials lies in it: /opt/loyalty/sbom.cdx.json
COPY --from=build /opt/loyalty /opt/loyalty
ENV PATH=/opt/loyalty/bin:$PATH \
    PYTHONUNBUFFERED=1
# connector.toml is read here, and the database lies beside it; secrets are files in /run/secrets
WORKDIR /var/lib/loyalty
VOLUME /var/lib/loyalty
USER 10001
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=10s --start-period=60s CMD ["loyalty-connector", "health"]
ENTRYPOINT ["loyalty-connector"]
CMD ["run"]
