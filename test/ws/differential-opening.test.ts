// What happens up to an open connection is the same with `ws` and with wsimd.

import { addresses } from './differential/addresses';
import { answers } from './differential/answers';
import { compare } from './differential/compare';
import { connecting } from './differential/connecting';
import { headers } from './differential/headers';
import { limits } from './differential/limits';
import { protocols } from './differential/protocols';
import { redirects } from './differential/redirects';
import { refusals } from './differential/refusals';
import { requests } from './differential/requests';

compare('addresses', addresses);
compare('subprotocols', protocols);
compare('headers', headers);
compare('refusals', refusals);
compare('connecting', connecting);
compare('answers', answers);
compare('redirects', redirects);
compare('requests', requests);
compare('limits and options', limits);
