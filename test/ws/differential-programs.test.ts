// Programs that end, or fail, do so in the same way with `ws` and with wsimd.

import { compare } from './differential/compare';
import { programs } from './differential/programs';

compare('programs', programs);
