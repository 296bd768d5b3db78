import type { Api } from '../env.ts';
import { referencePage } from '../reference-page.ts';

const DOCUMENT = {
  openapi: '3.1.0',
  info: {
    title: 'Ivory',
    version: '1.0.0',
    description:
      'Connectors that move records into a lakehouse, and questions over it. Errors are application/problem+json with a stable `code`.',
  },
  tags: [
    'Connectors',
    'Runs',
    'Rejected rows',
    'State',
    'Schedules',
    'Field mappings',
    'Foundry',
    'Notifications',
    'Webhook',
    'Operation',
  ].map((name) => ({ name })),
};

/** The contract of every route as OpenAPI 3.1, and a page made from it. Both are made once, when first asked for. */
export function referenceRoutes(app: Api): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The tenant is the `sub` of the token.',
  });
  const document = once(() => app.getOpenAPI31Document(DOCUMENT));
  const page = once(() => referencePage(document()));
  app.get('/openapi.json', (c) => c.json(document()));
  app.get('/docs', (c) => c.html(page()));
}

function once<Value>(make: () => Value): () => Value {
  let made: { value: Value } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
