// Programs that end, or fail, do so in the same way with `ws` and with wsimd.

import { compare } from './ws-differential/compare';
import { programs } from './ws-differential/programs';

compare('programs', programs);
