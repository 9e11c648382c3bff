// Package page writes what records say of machines as one HTML file: it needs no
// network and runs no script. Every text of a record is shown as harmless.Text does.
package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"

	"epochtime/harness/fleet"
	"epochtime/internal/harmless"
)

//go:embed templates
var files embed.FS

// style is the page's own, which its policy allows by this hash.
var style = func() string {
	text, err := files.ReadFile("templates/page.css")
	if err != nil {
		panic(err) // it is embedded
	}
	return string(text)
}()

var templates = template.Must(template.New("page.html").Funcs(template.FuncMap{
	"text": harmless.Text,
	"id":   func(kind string, n int) string { return fmt.Sprintf("%s-%d", kind, n+1) },
}).ParseFS(files, "templates/*.html"))

// Write writes the page of a fleet. The error is one of drawing a figure, or of w.
func Write(w io.Writer, f *fleet.Fleet) error {
	if w == nil || f == nil {
		return errors.New("writing a page: the fleet or the writer is missing")
	}
	v, err := newView(f)
	if err != nil {
		return fmt.Errorf("writing a page: %w", err)
	}
	var b bytes.Buffer // so that half a page is never written
	if err := templates.Execute(&b, v); err != nil {
		return fmt.Errorf("writing a page: %w", err)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("writing a page: %w", err)
	}
	return nil
}

// policy forbids whatever the page does not have: scripts, and all that is loaded.
func policy() string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
}
