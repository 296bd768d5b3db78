import type { Reporter, TestCase } from 'vitest/node';

/** Names at the end what failed first and passed on its second try: on a busy machine no reason to stop, but a test to mend. */
export default class SecondTryReporter implements Reporter {
  readonly #names: string[] = [];

  onTestCaseResult(test: TestCase): void {
    if (test.diagnostic()?.flaky) this.#names.push(`${test.module.relativeModuleId} > ${test.fullName}`);
  }

  onTestRunEnd(): void {
    if (this.#names.length === 0) return;
    console.log(
      `**** PASSED ONLY ON A SECOND TRY, to be mended:\n${this.#names.map((name) => `     ${name}`).join('\n')}`,
    );
  }
}
