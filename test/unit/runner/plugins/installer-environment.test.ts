import { describe, expect, it } from 'vitest';
import { uvEnvironment } from '../../../../src/adapters/runner/plugins/installer-environment.ts';
import { installerEnvironment } from '../../../../src/config.ts';

describe('the environment of uv', () => {
  it('says in its words what the variables of pip say about where packages come from', () => {
    const pip = {
      PIP_INDEX_URL: 'https://index.invalid/simple',
      PIP_EXTRA_INDEX_URL: 'https://one.invalid/simple https://two.invalid/simple',
      PIP_FIND_LINKS: '/wheels /more',
      PIP_NO_INDEX: '1',
      PIP_TRUSTED_HOST: 'index.invalid',
      PIP_CERT: '/etc/ca.pem',
      PIP_PROXY: 'http://proxy.invalid:3128',
      PIP_TIMEOUT: '60',
    };
    expect(uvEnvironment(pip, '')).toEqual({
      ...pip,
      UV_DEFAULT_INDEX: 'https://index.invalid/simple',
      UV_INDEX: 'https://one.invalid/simple https://two.invalid/simple',
      UV_FIND_LINKS: '/wheels,/more',
      UV_NO_INDEX: 'true',
      UV_INSECURE_HOST: 'index.invalid',
      SSL_CERT_FILE: '/etc/ca.pem',
      ALL_PROXY: 'http://proxy.invalid:3128',
      UV_HTTP_TIMEOUT: '60',
    });
  });

  it('says what pip.conf says, [install] before [global] and a variable before both', () => {
    const config = [
      "global.index-url='https://global.invalid/simple'",
      "global.timeout='30'",
      "install.timeout='90'",
      "global.find-links='\\n/wheels\\n/more'",
      "list.format='columns'",
      ":env:.index-url='https://variable.invalid/simple'",
    ].join('\n');
    expect(uvEnvironment({ PIP_INDEX_URL: 'https://variable.invalid/simple' }, config)).toEqual({
      PIP_INDEX_URL: 'https://variable.invalid/simple',
      UV_DEFAULT_INDEX: 'https://variable.invalid/simple',
      UV_HTTP_TIMEOUT: '90',
      UV_FIND_LINKS: '/wheels,/more',
    });
  });

  it('never overrules what uv was told itself', () => {
    const told = { UV_INDEX_URL: 'https://uv.invalid/simple', HTTPS_PROXY: 'http://own.invalid' };
    const pip = { PIP_INDEX_URL: 'https://pip.invalid/simple', PIP_PROXY: 'http://pip.invalid' };
    expect(uvEnvironment({ ...told, ...pip }, '')).toEqual({ ...told, ...pip });
  });

  it('holds of this process what leads to the registries, and no setting of Ivory', () => {
    const environment = {
      PATH: '/bin',
      HOME: '/home/ivory',
      PIP_INDEX_URL: 'https://index.invalid',
      UV_INDEX: 'https://more.invalid',
      https_proxy: 'http://proxy.invalid',
      SSL_CERT_FILE: '/etc/ca.pem',
      NO_PROXY: '',
      DATABASE_URL: 'postgres://secret',
      IVORY_MASTER_KEY: 'secret',
      OPENAI_API_KEY: 'secret',
      AWS_SECRET_ACCESS_KEY: 'secret',
    };
    expect(Object.keys(installerEnvironment(environment))).toEqual([
      'PATH',
      'HOME',
      'PIP_INDEX_URL',
      'UV_INDEX',
      'https_proxy',
      'SSL_CERT_FILE',
    ]);
  });
});
