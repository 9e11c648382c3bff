package formats

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	tables "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"golang.org/x/perf/benchfmt"

	"epochtime/internal/harmless"
)

// parsed returns what a program reads of a format's bytes; err is that of writing them.
func parsed[T any](t *testing.T, data []byte, err error, read func([]byte) (T, error)) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	out, err := read(data)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	return out
}

// readCSV is each row by the names in the header, as texts were before they were written.
func readCSV(data []byte) ([]map[string]string, error) {
	lines, err := readRawCSV(data)
	if err != nil || len(lines) == 0 {
		return nil, errors.Join(err, errNothing(len(lines)))
	}
	var out []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, name := range lines[0] {
			name = harmless.FromCSV(name)
			if _, twice := row[name]; twice {
				return nil, fmt.Errorf("two columns %q", name)
			}
			row[name] = harmless.FromCSV(line[i])
		}
		out = append(out, row)
	}
	return out, nil
}

func readRawCSV(data []byte) ([][]string, error) {
	return csv.NewReader(bytes.NewReader(data)).ReadAll()
}

func errNothing(n int) error {
	if n == 0 {
		return errors.New("nothing")
	}
	return nil
}

// benchmark is a line as golang.org/x/perf/benchfmt reads it.
type benchmark struct {
	bill   bool
	parts  map[string]string
	side   string
	values map[string]float64
}

func readBenchfmt(data []byte) ([]benchmark, error) {
	var out []benchmark
	r := benchfmt.NewReader(bytes.NewReader(data), "test")
	for r.Scan() {
		switch rec := r.Result().(type) {
		case *benchfmt.SyntaxError:
			return nil, rec
		case *benchfmt.Result:
			b := benchmark{parts: map[string]string{}, side: rec.GetConfig("side"), values: map[string]float64{}}
			base, parts := rec.Name.Parts()
			if b.bill = string(base) == "Bill"; !b.bill && string(base) != "Epoch" && string(base) != "Probe" {
				return nil, fmt.Errorf("a benchmark %s", base)
			}
			for _, part := range parts {
				key, value, ok := strings.Cut(strings.TrimPrefix(string(part), "/"), "=")
				plainKey, err := url.PathUnescape(key)
				plainValue, err2 := url.PathUnescape(value)
				if !ok || err != nil || err2 != nil {
					return nil, fmt.Errorf("a part %q", part)
				}
				b.parts[plainKey] = plainValue
			}
			for _, v := range rec.Values {
				b.values[v.Unit] = v.Value
			}
			out = append(out, b)
		}
	}
	return out, r.Err()
}

// readOpenMetrics reads with Prometheus' own parser, and with the one that node
// exporter's collector of text files uses, which must agree on the number of
// lines. It gives each series' labels and value, by the labels' text.
func readOpenMetrics(data []byte) (map[string]float64, map[string]labels.Labels, error) {
	if !bytes.HasSuffix(data, []byte("# EOF\n")) {
		return nil, nil, errors.New("no # EOF at the end")
	}
	values, series := map[string]float64{}, map[string]labels.Labels{}
	p := textparse.NewOpenMetricsParser(data)
	for {
		entry, err := p.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		if entry != textparse.EntrySeries {
			continue
		}
		_, at, value := p.Series()
		var l labels.Labels
		p.Metric(&l)
		key := l.String()
		if _, twice := values[key]; twice || at != nil {
			return nil, nil, fmt.Errorf("%s is there twice, or has a time", key)
		}
		values[key], series[key] = value, l
	}
	families, err := new(expfmt.TextParser).TextToMetricFamilies(bytes.NewReader(data))
	if err != nil {
		return nil, nil, fmt.Errorf("node exporter: %w", err)
	}
	lines := 0
	for _, f := range families {
		lines += len(f.Metric)
	}
	if lines != len(values) {
		return nil, nil, fmt.Errorf("node exporter reads %d lines, Prometheus %d", lines, len(values))
	}
	return values, series, nil
}

func readJUnit(data []byte) (junitSuite, error) {
	var out junitSuites
	if err := xml.Unmarshal(data, &out); err != nil {
		return junitSuite{}, err
	}
	if len(out.Suites) != 1 {
		return junitSuite{}, fmt.Errorf("%d suites", len(out.Suites))
	}
	return out.Suites[0], nil
}

// readMLLog reads as MLPerf's compliance checker does: lines that hold the token,
// from its last place on, as JSON, in a file taken for Latin-1.
func readMLLog(data []byte) ([]mlEvent, error) {
	var out []mlEvent
	for line := range strings.Lines(string(data)) {
		at := strings.LastIndex(line, ":::MLLOG ")
		if at != 0 {
			return nil, fmt.Errorf("the token is at %d of %q", at, line)
		}
		var e mlEvent
		if err := json.Unmarshal([]byte(line[len(":::MLLOG "):]), &e); err != nil {
			return nil, err
		}
		for _, c := range []byte(line) {
			if c >= utf8.RuneSelf {
				return nil, fmt.Errorf("not ASCII: %q", line)
			}
		}
		out = append(out, e)
	}
	return out, nil
}

// readMarkdown renders as a forge does and gives the cells' texts, table by table.
func readMarkdown(data []byte) [][][]string {
	md := goldmark.New(goldmark.WithExtensions(extension.GFM))
	var out [][][]string
	root := md.Parser().Parse(text.NewReader(data))
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n.(type) {
		case *tables.Table:
			out = append(out, nil)
		case *tables.TableHeader, *tables.TableRow:
			out[len(out)-1] = append(out[len(out)-1], nil)
		case *tables.TableCell:
			rows := out[len(out)-1]
			rows[len(rows)-1] = append(rows[len(rows)-1], shown(n, data))
		}
		return ast.WalkContinue, nil
	})
	return out
}

// shown is a node's text; anything but plain text and code in it is marked.
func shown(n ast.Node, source []byte) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			b.Write(c.Segment.Value(source))
		case *ast.CodeSpan:
			b.WriteString(shown(c, source))
		default:
			fmt.Fprintf(&b, "{%s}", c.Kind())
		}
	}
	return b.String()
}
