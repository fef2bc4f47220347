FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json mikro-orm.config.ts ./
COPY src src
COPY rest-facade rest-facade
COPY tools/served-files.mjs tools/
RUN npm run build

# The optional packages are a PostgreSQL and a Node of their own, for development. The image brings the second, compose the first.
FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts && npm cache clean --force

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8001
WORKDIR /app
# The only place the server may write to.
RUN install -d -o node -g node .data
COPY package.json ./
COPY bin bin
RUN ln -s /app/bin/crm.mjs /usr/local/bin/crm
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
USER node
EXPOSE 8001
# Whether the process answers: an orchestrator that restarts what is unhealthy must not do so because the database is away.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/livez`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Node would let what is short-lived fill up to three times 64 MB before it looks what can go.
CMD ["node", "--max-semi-space-size=16", "--no-allocation-site-pretenuring", "bin/crm.mjs", "start"]
