import type { OpenAPIHono } from '@hono/zod-openapi';
import { html, raw } from 'hono/html';

type Document = ReturnType<OpenAPIHono['getOpenAPI31Document']>;
type PathItem = NonNullable<Document['paths']>[string];
type Operation = NonNullable<PathItem['get']>;
type Html = ReturnType<typeof html>;

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;color:#1c1c1a}
h2{margin-top:2.5rem;border-bottom:1px solid #ddd}h3{margin:1.6rem 0 .3rem;font:600 1rem ui-monospace,monospace}
b{text-transform:uppercase}table{border-collapse:collapse;width:100%;margin:.4rem 0}
td,th{border:1px solid #ddd;padding:.25rem .5rem;text-align:left;vertical-align:top}
pre{background:#f5f4f0;padding:.6rem;overflow:auto;font-size:13px}summary{cursor:pointer}`;

/** The reference of the API as one page that loads nothing else. */
export function referencePage(document: Document) {
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${document.info.title} API</title>
<style>${raw(STYLE)}</style></head>
<body>
<h1>${document.info.title} API</h1>
<p>${document.info.description ?? ''} The same as data: <a href="/openapi.json">openapi.json</a>.</p>
${(document.tags ?? []).map(({ name }) => section(document, name))}
<h2 id="schemas">Schemas</h2>
${Object.entries(document.components?.schemas ?? {}).map(
  ([name, schema]) => html`<details id="${name}"><summary>${name}</summary>${code(schema)}</details>`,
)}
</body></html>`;
}

function section(document: Document, tag: string): Html {
  const found = operations(document).filter(({ operation }) => operation.tags?.includes(tag));
  return html`<h2>${tag}</h2>${found.map(({ method, path, operation }) => article(method, path, operation))}`;
}

function operations(document: Document) {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation ? [{ method, path, operation }] : [];
    }),
  );
}

function article(method: string, path: string, operation: Operation): Html {
  return html`<h3><b>${method}</b> ${path}</h3>
<p>${operation.summary ?? ''}${operation.description ? html`<br>${operation.description}` : ''}</p>
${operation.requestBody ? html`<details><summary>Request body</summary>${code(operation.requestBody)}</details>` : ''}
<table><tr><th>Status</th><th>Answer</th></tr>
${Object.entries(operation.responses ?? {}).map(
  ([status, response]) => html`<tr><td>${status}</td><td>${describe(response)}</td></tr>`,
)}
</table>`;
}

function describe(response: unknown): string {
  return typeof response === 'object' && response !== null && 'description' in response
    ? String(response.description)
    : '';
}

function code(value: unknown): Html {
  return html`<pre>${JSON.stringify(value, null, 2)}</pre>`;
}
