package page

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"html/template"
	"image/color"
	"io"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"epochtime/internal/harmless"
)

// faint is the colour of lines behind the others. The colours in which figures are drawn
// stand for those of the style sheet, which differ in light, in dark and on paper.
var faint = color.RGBA{R: 0x80, G: 0x80, B: 0x80, A: 255}

// hues are how many colours the style sheet has for series.
const hues = 8

// hue is the colour of a series.
func hue(n int) color.RGBA { return color.RGBA{R: 0xC0, B: uint8(n % hues), A: 255} }

// class names a colour of a figure.
func class(hex string) (string, bool) {
	switch strings.ToUpper(hex) {
	case "#000000":
		return "ink", true
	case "#808080":
		return "faint", true
	}
	for n := range hues {
		if c := hue(n); strings.EqualFold(hex, fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B)) {
			return fmt.Sprintf("c%d", n+1), true
		}
	}
	return "", false
}

// lastLabel is the room for what of an axis's last label stands beyond the axis.
const lastLabel vg.Length = 18

// svg draws a plot as an element for the page, without a style of its own.
func svg(p *plot.Plot, width, height vg.Length, labelledBy string) (template.HTML, error) {
	canvas := vgsvg.New(width, height)
	p.Draw(draw.Crop(draw.New(canvas), 0, -lastLabel, 0, -4))
	var drawn bytes.Buffer
	if _, err := canvas.WriteTo(&drawn); err != nil {
		return "", err
	}
	out, err := restyled(&drawn, labelledBy)
	return template.HTML(out), err //nolint:gosec // restyled writes elements and attributes of its own choice, and escapes texts
}

// restyled copies paths, groups and texts of a drawing. Colours become classes.
func restyled(drawn io.Reader, labelledBy string) (string, error) {
	var out strings.Builder
	for d := xml.NewDecoder(drawn); ; {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF):
			return out.String(), nil
		case err != nil:
			return "", fmt.Errorf("a figure: %w", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			begin(&out, t, labelledBy)
		case xml.EndElement:
			if slices.Contains(elements, t.Name.Local) {
				fmt.Fprintf(&out, "</%s>", t.Name.Local)
			}
		case xml.CharData:
			out.WriteString(html.EscapeString(harmless.Text(strings.Trim(string(t), "\n\t"))))
		}
	}
}

// elements of a figure.
var elements = []string{"svg", "g", "path", "text"}

// begin writes the start of an element with what of its attributes is not style.
func begin(out *strings.Builder, t xml.StartElement, labelledBy string) {
	if !slices.Contains(elements, t.Name.Local) {
		return
	}
	fmt.Fprintf(out, "<%s", t.Name.Local)
	if t.Name.Local == "svg" {
		fmt.Fprintf(out, ` role="img" aria-labelledby="%s"`, labelledBy)
	}
	for _, a := range t.Attr {
		switch a.Name.Local {
		case "viewBox", "d", "x", "y", "transform":
			fmt.Fprintf(out, ` %s="%s"`, a.Name.Local, html.EscapeString(a.Value))
		case "style":
			styled(out, a.Value)
		}
	}
	out.WriteString(">")
}

// styled writes a style as classes and attributes.
func styled(out *strings.Builder, style string) {
	var classes []string
	for item := range strings.SplitSeq(style, ";") {
		name, value, _ := strings.Cut(item, ":")
		switch name {
		case "fill", "stroke":
			if c, known := class(value); known {
				classes = append(classes, name+"-"+c)
			}
		case "stroke-width", "stroke-dasharray", "font-size":
			fmt.Fprintf(out, ` %s="%s"`, name, html.EscapeString(strings.TrimSuffix(value, "px")))
		}
	}
	if len(classes) > 0 {
		fmt.Fprintf(out, ` class="%s"`, strings.Join(classes, " "))
	}
}
