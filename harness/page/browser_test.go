package page

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"epochtime/harness/fleet"
)

// chromiums are the names of the browser in PATH.
var chromiums = []string{"chromium", "chromium-browser", "google-chrome"}

// browser starts a browser. Without one the test is skipped, but not in CI.
func browser(t *testing.T) context.Context {
	t.Helper()
	var path string
	for _, name := range chromiums {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	switch {
	case path == "" && os.Getenv("CI") == "true":
		t.Fatalf("none of %s is in PATH, and CI tests the page in a browser", strings.Join(chromiums, ", "))
	case path == "":
		t.Skipf("none of %s is in PATH: the page is not tested in a browser", strings.Join(chromiums, ", "))
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute) // of a browser that hangs
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	return ctx
}

// watched is what a browser tells of a page while it is open.
type watched struct {
	mu       sync.Mutex
	trouble  []string // on the console, of the policy, dialogs
	requests []string
}

func (w *watched) see(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		w.trouble = append(w.trouble, "console: "+string(e.Type))
	case *runtime.EventExceptionThrown:
		w.trouble = append(w.trouble, "exception: "+e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		w.trouble = append(w.trouble, "log: "+e.Entry.Text)
	case *page.EventJavascriptDialogOpening:
		w.trouble = append(w.trouble, "dialog: "+e.Message)
	case *network.EventRequestWillBeSent:
		w.requests = append(w.requests, e.Request.URL)
	}
}

// open writes the page of a fleet, and opens it. Nothing may happen but that it is read.
func open(t *testing.T, f *fleet.Fleet) context.Context {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, f); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, seen := openFile(t, path)
	t.Cleanup(func() {
		for _, what := range seen.beside(path) {
			t.Errorf("the browser tells of %.300s", what)
		}
	})
	return ctx
}

// openFile opens a file, and watches what happens.
func openFile(t *testing.T, path string) (context.Context, *watched) {
	t.Helper()
	ctx := browser(t)
	seen := &watched{}
	for _, do := range []func() error{
		func() error { return chromedp.Do(ctx) }, // opens the tab, so that nothing is missed
		func() error { return chromedp.Listen(ctx, seen.see) },
		func() error { _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); return err },
		func() error { _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); return err },
		func() error { return chromedp.Do(ctx, chromedp.Navigate("file://"+path)) },
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
	return ctx, seen
}

// beside returns what happened beside reading a file.
func (w *watched) beside(path string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := slices.Clone(w.trouble)
	for _, url := range w.requests {
		if url != "file://"+path {
			out = append(out, "a request for "+url)
		}
	}
	return out
}

// The watch sees a page that writes to the console, and one that loads something.
func TestWatch(t *testing.T) {
	for what, text := range map[string]string{"console": "<script>console.error('x')</script>", "a request for": "<img src='file:///nowhere.png'>"} {
		path := filepath.Join(t.TempDir(), "page.html")
		if err := os.WriteFile(path, []byte("<!doctype html>"+text), 0o644); err != nil {
			t.Fatal(err)
		}
		ctx, seen := openFile(t, path)
		evaluate[int](t, ctx, "document.images.length") // after all that came before
		if !slices.ContainsFunc(seen.beside(path), func(s string) bool { return strings.HasPrefix(s, what) }) {
			t.Errorf("%s: seen is %q", text, seen.beside(path))
		}
	}
}

// evaluate returns what an expression is in the page.
func evaluate[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return v
}
