package protocol

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"testing/quick"

	"epochtime/harness/record"
)

func readJob(text string) (Job, error) { return ReadJob(bufio.NewReader(strings.NewReader(text))) }

func jobLine(t *testing.T, j Job) string {
	t.Helper()
	var out bytes.Buffer
	if err := WriteJob(&out, j); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func wantError(t *testing.T, err error, words ...string) {
	t.Helper()
	for _, w := range words {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("the error is %v, want it to say %q", err, w)
		}
	}
}

// TestJobOnTheWire fixes the names: parent and worker may be of different builds.
func TestJobOnTheWire(t *testing.T) {
	j := Job{
		Kind: Train, Graph: "/graphs/cnn", SHA256: "59ab", Env: map[string]string{"TF_XLA_FLAGS": "--x"},
		SaveWeights: "/out.weights.h5",
		Config:      record.Config{Batch: 32, Epochs: 5, Warmup: 1, Device: "cpu", Seed: 1<<64 - 1, Data: []string{"x=a.npy"}},
	}
	const want = `{"protocol":3,"kind":"train","graph":"/graphs/cnn","sha256":"59ab","config":{"batch":32,"samples":0,"epochs":5,"warmup":1,` +
		`"device":"cpu","seed":18446744073709551615,"data":["x=a.npy"],"shuffle":null,"preprocess":null,"pad_to":0,` +
		`"prefetch":0,"feed_threads":0,"feed":"","executor":"","intra_op":0,"inter_op":0,"env":null},"env":{"TF_XLA_FLAGS":"--x"},"save_weights":"/out.weights.h5"}` + "\n"
	line := jobLine(t, j)
	if line != want {
		t.Errorf("WriteJob wrote\n%swant\n%s", line, want)
	}
	got, err := readJob(line)
	if err != nil {
		t.Fatal(err)
	}
	if j.Protocol = Version; !reflect.DeepEqual(got, j) {
		t.Errorf("ReadJob = %+v, want %+v", got, j)
	}
}

func TestJobRoundTrip(t *testing.T) {
	same := func(j Job) bool {
		line := jobLine(t, j)
		got, err := readJob(line)
		return err == nil && strings.Count(line, "\n") == 1 && jobLine(t, got) == line
	}
	if err := quick.Check(same, &quick.Config{MaxCountScale: 0.5}); err != nil {
		t.Error(err)
	}
}

func TestReadJobLeavesTheRest(t *testing.T) {
	r := bufio.NewReader(iotest.OneByteReader(strings.NewReader(jobLine(t, Job{Kind: Devices}) + "rest")))
	if j, err := ReadJob(r); err != nil || j.Kind != Devices {
		t.Errorf("ReadJob = %+v, %v", j, err)
	}
	if rest, err := io.ReadAll(r); err != nil || string(rest) != "rest" {
		t.Errorf("behind the job is %q, %v; want the rest", rest, err)
	}
}

func TestReadJobRefuses(t *testing.T) {
	for text, says := range map[string]string{
		"":                                "EOF",
		"\n":                              "reading the job",
		"{\"protocol\":1}":                "unexpected EOF",
		"{\"protocol\":1\n":               "reading the job",
		"[]\n":                            "reading the job",
		"{}\n":                            "the parent speaks protocol 0 and this worker 3",
		"{\"protocol\":99,\"later\":1}\n": "the parent speaks protocol 99 and this worker 3",
		"{\"protocol\":\"1\"}\n":          "reading the job",
		"{\"protocol\":3,\"later\":1}\n":  `unknown field "later"`,
		"{\"protocol\":3,\"config\":{\"bach\":1}}\n":      `unknown field "bach"`,
		"{\"protocol\":3,\"config\":{\"batch\":\"1\"}}\n": "config.batch",
		"{\"protocol\":3} {\"protocol\":3}\n":             "reading the job",
		"{\"protocol\":3,\"config\":{\"batch\":1.5}}\n":   "config.batch",
	} {
		_, err := readJob(text)
		if err == nil {
			t.Errorf("ReadJob(%q): no error", text)
		}
		wantError(t, err, says)
	}
}

// jobOfLength is a job whose line, with its newline, is n bytes long.
func jobOfLength(t *testing.T, n int) Job {
	t.Helper()
	j := Job{Kind: Train, Graph: "g"}
	j.Graph = strings.Repeat("g", n-len(jobLine(t, j))+1)
	if got := len(jobLine(t, j)); got != n {
		t.Fatalf("the line is %d bytes long, want %d", got, n)
	}
	return j
}

func TestReadJobLimit(t *testing.T) {
	if _, err := readJob(jobLine(t, jobOfLength(t, MaxLine))); err != nil {
		t.Errorf("a line of %d bytes: %v", MaxLine, err)
	}
	_, err := readJob(jobLine(t, jobOfLength(t, MaxLine+1)))
	wantError(t, err, "longer than 1048576 bytes")
}

// endless is a stream without a newline. It counts what is read.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	return copy(p, bytes.Repeat([]byte("x"), len(p))), nil
}

func TestLimitStopsReading(t *testing.T) {
	e := &endless{}
	_, err := ReadJob(bufio.NewReader(e))
	wantError(t, err, "longer than")
	if e.read > 2*MaxLine {
		t.Errorf("%d bytes were read before the line was refused", e.read)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestWriteJobBrokenPipe(t *testing.T) {
	err := WriteJob(brokenPipe{}, Job{})
	if !errors.Is(err, os.ErrClosed) {
		t.Errorf("the error is %v, want os.ErrClosed", err)
	}
	wantError(t, err, "writing a job")
}

func FuzzReadJob(f *testing.F) {
	var line bytes.Buffer
	if err := WriteJob(&line, Job{Kind: Train, Graph: "g", Env: map[string]string{"A": "b"}}); err != nil {
		f.Fatal(err)
	}
	f.Add(line.Bytes())
	f.Add([]byte("{\"protocol\":1,\"config\":null}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		j, err := ReadJob(bufio.NewReader(bytes.NewReader(text)))
		if err != nil {
			return
		}
		again, err := readJob(jobLine(t, j))
		if err != nil || jobLine(t, again) != jobLine(t, j) {
			t.Fatalf("%+v came back as %+v, %v", j, again, err)
		}
	})
}

// As many parcels are offered at once as a line has room for, and at least one.
func TestFitting(t *testing.T) {
	long := Parcel{Path: "/" + strings.Repeat("\x01", 40<<10)}
	for want, parcels := range map[int][]Parcel{0: nil, 1: {long}, MostParcels: make([]Parcel, MostParcels+1), 3: {long, long, long, long}} {
		n := Fitting(parcels)
		if n != want {
			t.Errorf("%d of %d fit, want %d", n, len(parcels), want)
		}
		if err := WriteFiles(io.Discard, parcels[:n], true); err != nil {
			t.Error(err)
		}
	}
}
