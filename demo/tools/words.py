"""Words for made-up logs."""

import random

__all__ = ["JARS", "PACKAGES", "WHEELS", "kb", "semver"]

PACKAGES = ["accepts", "ajv", "ansi-styles", "async", "babel-core", "body-parser", "browserslist", "chalk", "chokidar", "clsx", "commander", "cookie", "core-js", "cors", "debug", "deepmerge", "dotenv", "esbuild", "escalade", "eslint", "express", "fast-glob", "fastify", "form-data", "fs-extra", "got", "graphql", "helmet", "immer", "ioredis", "jsonc-parser", "jsonwebtoken", "knex", "kleur", "lodash", "lru-cache", "mime-types", "minimatch", "nanoid", "node-fetch", "nodemon", "ora", "p-limit", "picocolors", "pino", "postcss", "prettier", "qs", "react", "redis", "resolve", "rollup", "rxjs", "semver", "sharp", "slugify", "tslib", "typescript", "undici", "uuid", "vite", "webpack", "winston", "ws", "yargs", "zod"]
WHEELS = ["aiohttp", "alembic", "anyio", "attrs", "boto3", "botocore", "cachetools", "certifi", "cffi", "click", "cryptography", "fastapi", "greenlet", "h11", "httpx", "idna", "jinja2", "jmespath", "joblib", "kombu", "lxml", "mako", "markupsafe", "numpy", "orjson", "packaging", "pandas", "pillow", "psycopg", "pyarrow", "pydantic", "pyjwt", "pytest", "pyyaml", "redis", "requests", "scikit-learn", "scipy", "sentry-sdk", "sqlalchemy", "starlette", "structlog", "threadpoolctl", "tqdm", "urllib3", "uvicorn", "vine", "wrapt", "yarl"]
JARS = ["com/fasterxml/jackson/core/jackson-databind", "com/google/guava/guava", "com/zaxxer/HikariCP", "io/micrometer/micrometer-core", "io/netty/netty-handler", "io/projectreactor/reactor-core", "org/apache/commons/commons-lang3", "org/apache/lucene/lucene-core", "org/apache/lucene/lucene-queryparser", "org/hibernate/orm/hibernate-core", "org/junit/jupiter/junit-jupiter-engine", "org/mockito/mockito-core", "org/postgresql/postgresql", "org/slf4j/slf4j-api", "org/springframework/spring-core", "org/springframework/spring-web", "org/springframework/boot/spring-boot-starter", "org/yaml/snakeyaml"]


def semver(rng: random.Random) -> str:
    """Draw a version."""
    return f"{rng.randrange(1, 12)}.{rng.randrange(0, 30)}.{rng.randrange(0, 20)}"


def kb(rng: random.Random) -> str:
    """Draw a size."""
    return f"{rng.uniform(9, 900):.1f} KiB" if rng.random() < 0.8 else f"{rng.uniform(1, 9):.2f} MiB"
