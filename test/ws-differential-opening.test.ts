import { addresses } from './ws-differential/addresses';
import { compare } from './ws-differential/compare';
import { headers } from './ws-differential/headers';
import { protocols } from './ws-differential/protocols';
import { refusals } from './ws-differential/refusals';

compare('addresses', addresses);
compare('subprotocols', protocols);
compare('headers', headers);
compare('refusals', refusals);
