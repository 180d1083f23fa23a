// Which end of a connection a codec is for (RFC 6455 §5.1): a client masks what it sends, a server expects that.

export type Role = 'client' | 'server';

/** @throws TypeError unless `options` has a role */
export function roleOf(options: { role: Role }): Role {
  const role = options?.role;
  if (role !== 'client' && role !== 'server') throw new TypeError('The option "role" must be "client" or "server".');
  return role;
}
