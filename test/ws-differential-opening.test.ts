// What happens up to an open connection is the same with `ws` and with wsimd.

import { addresses } from './ws-differential/addresses';
import { answers } from './ws-differential/answers';
import { compare } from './ws-differential/compare';
import { connecting } from './ws-differential/connecting';
import { headers } from './ws-differential/headers';
import { limits } from './ws-differential/limits';
import { protocols } from './ws-differential/protocols';
import { redirects } from './ws-differential/redirects';
import { refusals } from './ws-differential/refusals';
import { requests } from './ws-differential/requests';

compare('addresses', addresses);
compare('subprotocols', protocols);
compare('headers', headers);
compare('refusals', refusals);
compare('connecting', connecting);
compare('answers', answers);
compare('redirects', redirects);
compare('requests', requests);
compare('limits and options', limits);
