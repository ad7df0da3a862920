# syntax=docker/dockerfile:1
# Yhteen in two stages: built with the whole toolchain, run on a slim Debian by a user without rights.
FROM rust:1.95-slim-bookworm AS build
# perl and make build the OpenSSL that libpq links; see the feature postgres-tls.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc libc6-dev make perl \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --package yhteen-http --features postgres-tls \
    && install -D target/release/yhteen /out/yhteen

FROM debian:bookworm-slim
# For sslmode=verify-full against certificates of public authorities.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin yhteen \
    && install --directory --owner=yhteen --group=yhteen --mode=0700 /data
COPY --from=build /out/yhteen /usr/local/bin/yhteen
COPY LICENCE /usr/share/doc/yhteen/LICENCE
USER 10001:10001
# An SQLite database and its key go here; with PostgreSQL nothing is written, and the root may be read-only.
WORKDIR /data
VOLUME /data
ENV YHTEEN_BIND=0.0.0.0:8080
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /health/ready HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["yhteen"]
CMD ["serve"]
