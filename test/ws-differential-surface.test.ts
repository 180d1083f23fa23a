// The class, its listeners and its stream are the same with `ws` and with wsimd.

import { compare } from './ws-differential/compare';
import { emitters } from './ws-differential/emitters';
import { listeners } from './ws-differential/listeners';
import { shape } from './ws-differential/shape';
import { streams } from './ws-differential/streams';

compare('listeners', listeners);
compare('emitters', emitters);
compare('the class', shape);
compare('streams', streams);
