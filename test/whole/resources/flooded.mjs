// A client whose server pings without end and reads nothing. It says `turn` each time its event loop comes round, so that a
// server that is not read can tell a client that does not want to from one that is busy; and, after the text `after the
// flood`, what all of it cost. The server sends a few pings first, then the text `warm`, and waits for the text `ready`.

import { AsyncTcpConnection } from 'wsimd';
import { Meter, report } from './meter.mjs';

const TURN_MILLISECONDS = 20;

/** @param {string} url */
export function flooded(url) {
  /** @type {Meter} */
  let meter;
  const turn = () => {
    meter.sample();
    console.log('turn');
  };
  /** @type {ReturnType<typeof setInterval>} */
  let turns;
  const connection = new AsyncTcpConnection(url);
  connection.onMessage = (_, data) => {
    if (data === 'warm') {
      meter = new Meter();
      turns = setInterval(turn, TURN_MILLISECONDS);
      connection.send('ready');
    } else {
      clearInterval(turns);
      report({ ...meter.read(), told: data });
      connection.destroy();
    }
  };
  connection.onError = (_connection, _code, message) => console.error(message);
  connection.connect();
}
