// IP addresses as bytes in network order, from the form that a URL leaves them in. It knows no sockets.

/** The 4 or 16 bytes of an address in the normal form of a URL, IPv6 without brackets; undefined for a name. */
export function addressBytes(hostname: string): Uint8Array | undefined {
  if (hostname.includes(':'))
    return Uint8Array.from(ipv6Groups(hostname).flatMap((group) => [group >> 8, group & 255]));
  return /^\d+\.\d+\.\d+\.\d+$/.test(hostname) ? Uint8Array.from(hostname.split('.'), Number) : undefined;
}

/** Eight numbers; '::' stands for as many zeros as are missing (RFC 5952 §2.2). */
function ipv6Groups(address: string): number[] {
  const [before, behind] = address.split('::').map((part) => (part === '' ? [] : part.split(':'))) as [
    string[],
    string[]?,
  ];
  const zeros = behind === undefined ? 0 : 8 - before.length - behind.length;
  return [...before, ...Array<string>(zeros).fill('0'), ...(behind ?? [])].map((group) => Number.parseInt(group, 16));
}
