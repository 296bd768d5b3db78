export interface Watch {
  /** Called for every sign of life: the headers, and each piece of the body, keep-alive comments included. */
  onLife(): void;
  maxBytes: number;
}

/** The platform's fetch with an eye on the answer's body, which ends in an error once it is longer than anything a model was asked for. */
export function watchedFetch({ onLife, maxBytes }: Watch): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    onLife();
    if (!response.body) return response;
    let sizeBytes = 0;
    const counted = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        sizeBytes += chunk.byteLength;
        if (sizeBytes > maxBytes) controller.error(new Error(`the answer is longer than ${maxBytes} bytes`));
        else {
          onLife();
          controller.enqueue(chunk);
        }
      },
    });
    const { status, statusText, headers } = response;
    return new Response(response.body.pipeThrough(counted), { status, statusText, headers });
  };
}
