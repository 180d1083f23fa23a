// The class, its listeners and its stream are the same with `ws` and with wsimd.

import { compare } from './differential/compare';
import { emitters } from './differential/emitters';
import { listeners } from './differential/listeners';
import { shape } from './differential/shape';
import { streams } from './differential/streams';

compare('listeners', listeners);
compare('emitters', emitters);
compare('the class', shape);
compare('streams', streams);
