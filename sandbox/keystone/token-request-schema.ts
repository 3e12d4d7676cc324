import { KeystoneError } from './errors';

/** Schema of a token request, as printed in Keystone's error texts (recorded). */
const PRINTED_SCHEMA = `    {'properties': {'identity': {'properties': {'methods': {'items': {'type': 'string'},
                                                            'type': 'array'},
                                                'password': {'properties': {'user': {'properties': {'domain': {'properties': {'id': {'type': 'string'},
                                                                                                                              'name': {'type': 'string'}},
                                                                                                               'type': 'object'},
                                                                                                    'id': {'type': 'string'},
                                                                                                    'name': {'type': 'string'},
                                                                                                    'password': {'type': 'string'}},
                                                                                     'type': 'object'}},
                                                             'type': 'object'},
                                                'token': {'properties': {'id': {'type': 'string'}},
                                                          'required': ['id'],
                                                          'type': 'object'}},
                                 'required': ['methods'],
                                 'type': 'object'},
                    'scope': {'properties': {'OS-TRUST:trust': {'properties': {'id': {'type': 'string'}},
                                                                'type': 'object'},
                                             'domain': {'properties': {'id': {'type': 'string'},
                                                                       'name': {'type': 'string'}},
                                                        'type': 'object'},
                                             'project': {'properties': {'domain': {'properties': {'id': {'type': 'string'},
                                                                                                  'name': {'type': 'string'}},
                                                                                   'type': 'object'},
                                                                        'id': {'type': 'string'},
                                                                        'name': {'type': 'string'}},
                                                         'type': 'object'},
                                             'system': {'properties': {'all': {'enum': [True,
                                                                                        False,
                                                                                        None],
                                                                               'type': 'boolean'}},
                                                        'type': 'object'}},
                              'type': ['object', 'string']}},
     'required': ['identity'],
     'type': 'object'}`;

/**
 * 400 for a token request that lacks a required member: Keystone answers with the text of its schema validator.
 * @param auth the `auth` object of the request, which the text repeats. Only its member names are repeated here: it may hold a password.
 */
export function missingTokenRequestMemberError(member: string, auth: Record<string, unknown>): KeystoneError {
  const instance = `{${Object.keys(auth)
    .map((name) => `'${name}': …`)
    .join(', ')}}`;
  return new KeystoneError(
    400,
    `'${member}' is a required property\n\nFailed validating 'required' in schema:\n${PRINTED_SCHEMA}\n\nOn instance:\n    ${instance}`,
  );
}
