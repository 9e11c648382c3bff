package page

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"epochtime/harness/fleet"
	"epochtime/harness/record"
	"epochtime/internal/harmless"
	"epochtime/internal/hostile"
	"epochtime/internal/madefleet"
)

// attacks are names that would run something, or load it, where they became markup.
var attacks = []string{
	`<script>console.error("ran")</script>`, `<img src=x onerror=console.error(1)>`, `"><svg onload=console.error(1)>`, `</style><script>console.error(2)</script>`,
	`</title><script>console.error(3)</script>`, `' onmouseover='console.error(4)`, `<iframe src="javascript:console.error(5)">`, `<link rel=stylesheet href=//evil.example/a.css>`,
	`<meta http-equiv=refresh content="0;url=//evil.example">`, `javascript:console.error(6)`, `<base href=//evil.example>`, `{{.}}`, `&lt;b&gt;`, `<!--`, `]]>`, `</td></table><h1>first`,
	`url(//evil.example/x)`, `<form action=//evil.example><button autofocus>`, `<a href=//evil.example>`, `<object data=//evil.example>`, "\u202egpj.exe", `<text x="1">`,
}

// attacked is a fleet whose machines, hosts, models and labels are attacks.
func attacked(t *testing.T) *fleet.Fleet {
	t.Helper()
	var list []fleet.Source
	shape := madefleet.Shape{Machines: len(attacks), Models: 2, Launches: 2, Epochs: 2, Priced: true, Energy: true, Limits: true}
	for i, r := range madefleet.Records(shape) {
		s := attacks[i]
		m := &r.Machines[0]
		m.Name, m.Hostname, m.CPU, m.Product, m.Price.Source, m.Price.Currency = s, s, s+m.CPU, s, s, "EUR"
		m.GPUs = []record.GPU{{Model: s, CUDA: s}}
		r.Labels, r.Argv = map[string]string{s: s}, []string{"epochtime", s}
		r.Runs[0].Graph.Name, r.Runs[0].Graph.SHA256, r.Runs[0].Command = s, fmt.Sprintf("%064x", i+100), []string{"run", s}
		r.Runs[0].Warnings = append(r.Runs[0].Warnings, s)
		r.Runs[1].Graph.Architecture, r.Runs[1].Graph.Notices = s, []record.Notice{{About: s, Text: s}}
		r.Runs[1].Launches[0].Resolved.Device, r.Runs[1].Launches[0].TensorFlow = s, s
		r.Limits[0].Rates[0].Name += s
		list = append(list, fleet.Source{Name: s, Record: r})
	}
	f, err := fleet.Merge(list, fleet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// strange are elements that the page never has, and attributes likewise.
const strange = `Array.from(document.querySelectorAll('*')).filter(e =>
	['SCRIPT', 'IMG', 'IFRAME', 'OBJECT', 'EMBED', 'LINK', 'BASE', 'FORM', 'INPUT', 'BUTTON', 'VIDEO', 'AUDIO', 'TEMPLATE', 'B'].includes(e.tagName.toUpperCase()) ||
	Array.from(e.attributes).some(a => a.name.startsWith('on') || a.name == 'style' || ['href', 'src', 'xlink:href', 'action'].includes(a.name) && !a.value.startsWith('#')) ||
	e.tagName == 'META' && e.httpEquiv && e.httpEquiv != 'Content-Security-Policy').map(e => e.outerHTML.slice(0, 200))`

// Nothing of a hostile record runs, loads or becomes markup, and its texts are shown as
// they are.
func TestHostileInBrowser(t *testing.T) {
	ctx := open(t, attacked(t))
	if found := evaluate[[]string](t, ctx, strange); len(found) > 0 {
		t.Errorf("the page has %q", found)
	}
	heads := evaluate[[]string](t, ctx, `Array.from(document.querySelectorAll('th')).map(e => e.firstChild?.textContent ?? '')`)
	titles := evaluate[[]string](t, ctx, `Array.from(document.querySelectorAll('h3, li, code, dt, td')).map(e => e.textContent)`)
	for _, s := range attacks {
		want := harmless.Text(s)
		if !slices.Contains(heads, want) {
			t.Errorf("no machine is shown as %q", want)
		}
		if !slices.ContainsFunc(titles, func(text string) bool { return strings.Contains(text, want) }) {
			t.Errorf("no text shows %q", want)
		}
	}
}

// Every text of a record of any kind is harmless in the page, also where no browser reads
// it.
func TestHostileKinds(t *testing.T) {
	for i, kind := range hostile.Kinds {
		r := hostile.Record(kind, fmt.Sprintf("id%d", i))
		f, err := fleet.Merge([]fleet.Source{{Name: "a\x1b\nFORGED", Record: r}}, fleet.Options{AllowDifferent: true})
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := Write(&b, f); err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		if found := hostile.Found(b.String()); len(found) > 0 {
			t.Errorf("%s lets through %d, such as %s", kind, len(found), found[0])
		}
		for _, never := range []string{"<script", "<img", "ZgotmplZ", "javascript:alert(1)\""} {
			if strings.Contains(b.String(), never) {
				t.Errorf("%s: the page has %s", kind, never)
			}
		}
	}
}
