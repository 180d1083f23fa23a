// gorilla/websocket as a client that is measured: what client.mjs, phases.mjs and traffic.mjs are for the JavaScript
// libraries, with the same phases, the same checks and the same lines on standard input and output. It owns how gorilla is
// driven, and must not know other peers, nor how payloads are made.
//
//	gorilla URL ROW    ROW as JSON, see rows.mjs
//	gorilla --version
//
// The payloads come, one behind the other, from the file that the environment variable BENCH_PAYLOADS names.
//
// Gorilla in its cheapest shape. Messages are read through NextReader into one buffer that is used again, as programs do
// that have many of them: ReadMessage, which allocates each anew, costs 0.80 µs instead of 0.23 for 1 KiB binary, and 14
// instead of 3 for 16 KiB text. They are sent by WriteMessage; a PreparedMessage would keep its frames, which is not what is
// measured. A write blocks until the kernel has taken the message, so that there are no batches, and no high-water mark but
// the kernel's. What runs beside the program in its own threads, the collection of garbage above all, is left as Go has it,
// and counts.
//
// TCP_NODELAY stays on, as Go leaves it, and each message is a segment of its own: 16 bytes cost 3 to 6 µs to send, and 1.4
// without it.
// Masking keys are from math/rand in this version: no CSPRNG, as RFC 6455, section 5.3, asks for, and cheaper than one.
// Compression is at gorilla's own level, which is 1, and always without context takeover, for it knows no other.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

// phases.mjs has the same numbers, and says why.
const (
	verifiedBytes       = 4.0 * 1024 * 1024
	mostVerified        = 4000
	warmUpSeconds       = 0.8
	warmUpPhaseSeconds  = 0.1
	fewestTurnsVerified = 2
)

// With 4 KiB, 64 and 512, 1 KiB text costs 0.67, 0.40 and 0.44 µs, 16 KiB text 5.5, 3.0 and 7.1, 64 KiB binary 27, 19 and 24.
const readBufferBytes = 64 * 1024

// For what cannot be compressed, and becomes longer.
const writeBufferSlack = 1024

// Which is found by who compiles this: a package that is not a module has no version.
var packageVersion string

type row struct {
	Direction string
	Kind      string
	Bytes     int
	// JSON has no infinity and writes null for it.
	InFlight          *int
	PerMessageDeflate *struct{}
}

func (r row) messageType() int {
	if r.Kind == "binary" {
		return websocket.BinaryMessage
	}
	return websocket.TextMessage
}

func (r row) inFlight() int {
	if r.InFlight == nil {
		return math.MaxInt
	}
	return *r.InFlight
}

type measurement struct {
	Messages           int     `json:"messages"`
	UserMicroseconds   float64 `json:"userMicroseconds"`
	SystemMicroseconds float64 `json:"systemMicroseconds"`
	WallMicroseconds   float64 `json:"wallMicroseconds"`
}

type stopwatch struct {
	wall  time.Time
	usage syscall.Rusage
}

func startStopwatch() stopwatch {
	return stopwatch{time.Now(), usageOfProcess()}
}

func (s stopwatch) stop(messages int) measurement {
	usage := usageOfProcess()
	return measurement{
		Messages:           messages,
		UserMicroseconds:   microseconds(usage.Utime) - microseconds(s.usage.Utime),
		SystemMicroseconds: microseconds(usage.Stime) - microseconds(s.usage.Stime),
		WallMicroseconds:   float64(time.Since(s.wall).Nanoseconds()) / 1000,
	}
}

// Of all threads: those that collect garbage too.
func usageOfProcess() (usage syscall.Rusage) {
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return usage
}

func microseconds(t syscall.Timeval) float64 {
	return float64(t.Sec)*1e6 + float64(t.Usec)
}

// As in traffic.mjs, the length and one byte from the middle; of bytes in text too, since here a text is bytes.
func sample(data []byte) int {
	return len(data) + int(data[len(data)/2])
}

type traffic struct {
	row      row
	payloads [][]byte
	conn     *websocket.Conn
	buffer   bytes.Buffer
}

func connect(url string, row row, payloads [][]byte) (*traffic, error) {
	dialer := websocket.Dialer{
		ReadBufferSize: readBufferBytes,
		// What does not fit is sent in fragments.
		WriteBufferSize:   row.Bytes + writeBufferSlack,
		EnableCompression: row.PerMessageDeflate != nil,
	}
	conn, _, err := dialer.Dial(url, nil)
	if err != nil {
		return nil, err
	}
	return &traffic{row: row, payloads: payloads, conn: conn}, nil
}

func (t *traffic) runPhase(messages int, verify bool) (measurement, error) {
	watch := startStopwatch()
	control := fmt.Sprintf(`{"messages":%d,"verify":%t}`, messages, verify)
	if err := t.conn.WriteMessage(websocket.TextMessage, []byte(control)); err != nil {
		return measurement{}, err
	}
	var err error
	if t.row.Direction == "send" {
		err = t.sendAll(messages)
	} else {
		err = t.receiveAll(messages, verify)
	}
	return watch.stop(messages), err
}

func (t *traffic) payload(message int) []byte {
	return t.payloads[message%len(t.payloads)]
}

func (t *traffic) send(message int) error {
	return t.conn.WriteMessage(t.row.messageType(), t.payload(message))
}

// The message is there until the next one is received.
func (t *traffic) receive() (messageType int, data []byte, err error) {
	messageType, reader, err := t.conn.NextReader()
	if err != nil {
		return 0, nil, err
	}
	t.buffer.Reset()
	if _, err := t.buffer.ReadFrom(reader); err != nil {
		return 0, nil, err
	}
	data = t.buffer.Bytes()
	// RFC 6455, section 8.1, wants it of every client. Gorilla leaves it to its user: what arrives as text may be anything.
	if messageType == websocket.TextMessage && !utf8.Valid(data) {
		return 0, nil, errors.New("a text message is not UTF-8")
	}
	return messageType, data, nil
}

func (t *traffic) sendAll(messages int) error {
	for sent := 0; sent < messages; sent++ {
		if err := t.send(sent); err != nil {
			return err
		}
	}
	_, data, err := t.receive()
	if err != nil {
		return err
	}
	var report struct{ Messages, Bytes int }
	if err := json.Unmarshal(data, &report); err != nil {
		return err
	}
	if report.Messages != messages || report.Bytes != messages*t.row.Bytes {
		return fmt.Errorf("of %d messages, %d (%d bytes) arrived", messages, report.Messages, report.Bytes)
	}
	return nil
}

func (t *traffic) receiveAll(messages int, verify bool) error {
	isEcho := t.row.Direction == "echo"
	inFlight := t.row.inFlight()
	sent, sum := 0, 0
	for received := 0; received < messages; received++ {
		for ; isEcho && sent < messages && sent-received < inFlight; sent++ {
			if err := t.send(sent); err != nil {
				return err
			}
		}
		messageType, data, err := t.receive()
		if err != nil {
			return err
		}
		if verify && (messageType != t.row.messageType() || !bytes.Equal(data, t.payload(received))) {
			return fmt.Errorf("message %d differs from what was sent", received)
		}
		sum += sample(data)
	}
	return t.checkSum(sum, messages)
}

func (t *traffic) checkSum(sum, messages int) error {
	variants := len(t.payloads)
	expected := 0
	for variant, payload := range t.payloads {
		expected += (messages + variants - 1 - variant) / variants * sample(payload)
	}
	if sum != expected {
		return fmt.Errorf("the sum over %d messages is %d, not %d", messages, sum, expected)
	}
	return nil
}

func (t *traffic) close() error {
	message := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	if err := t.conn.WriteMessage(websocket.CloseMessage, message); err != nil {
		return err
	}
	if _, _, err := t.conn.NextReader(); !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
		return err
	}
	return t.conn.Close()
}

func readPayloads(bytes int) ([][]byte, error) {
	path := os.Getenv("BENCH_PAYLOADS")
	all, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 || len(all)%bytes != 0 {
		return nil, fmt.Errorf("%s does not hold the row's payloads", path)
	}
	var payloads [][]byte
	for ; len(all) > 0; all = all[bytes:] {
		payloads = append(payloads, all[:bytes])
	}
	return payloads, nil
}

func messagesIn(seconds float64, last measurement) int {
	return int(math.Max(1, math.Round(float64(last.Messages)/last.WallMicroseconds*seconds*1e6)))
}

func (t *traffic) warmUp() (measurement, error) {
	fewest := float64(fewestTurnsVerified * len(t.payloads))
	verified := math.Min(math.Max(verifiedBytes/float64(t.row.Bytes), fewest), mostVerified)
	last, err := t.runPhase(int(verified), true)
	for start := time.Now(); err == nil && time.Since(start).Seconds() < warmUpSeconds; {
		last, err = t.runPhase(messagesIn(warmUpPhaseSeconds, last), false)
	}
	return last, err
}

func (t *traffic) obey(last measurement) error {
	fmt.Println("ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		seconds, err := strconv.ParseFloat(strings.TrimSpace(lines.Text()), 64)
		if err != nil {
			return err
		}
		if last, err = t.runPhase(messagesIn(seconds, last), false); err != nil {
			return err
		}
		answer, err := json.Marshal(last)
		if err != nil {
			return err
		}
		fmt.Println(string(answer))
	}
	return nil
}

func run(url, rowAsJSON string) error {
	var row row
	if err := json.Unmarshal([]byte(rowAsJSON), &row); err != nil {
		return err
	}
	payloads, err := readPayloads(row.Bytes)
	if err != nil {
		return err
	}
	traffic, err := connect(url, row, payloads)
	if err != nil {
		return err
	}
	last, err := traffic.warmUp()
	if err != nil {
		return err
	}
	if err := traffic.obey(last); err != nil {
		return err
	}
	return traffic.close()
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "--version" {
		fmt.Printf("gorilla/websocket %s, Go %s\n", packageVersion, strings.TrimPrefix(runtime.Version(), "go"))
		return
	}
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: gorilla URL ROW")
		os.Exit(1)
	}
	// That is what Go chooses by itself where the process is pinned to one core, as it is in a run with cores to spare.
	runtime.GOMAXPROCS(1)
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "gorilla:", err)
		os.Exit(1)
	}
}
