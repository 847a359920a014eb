package operate

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// markup is a tag of XML, or what looks like one and is none. Its groups are the
// slash of an end tag, the name, and the slash of an empty element.
var markup = regexp.MustCompile(`(?s)<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<![^>]*>|<(/?)([^\s/>]+)(?:"[^"]*"|'[^']*'|[^'">])*?(/?)>`)

// accountXML is accountFor for Windows events: every element Event, whole.
func accountXML(content []byte, all []kept) error {
	const element = "Event"
	text := string(content)
	var texts []string
	depth, within, from, last := 0, 0, 0, 0 // open elements, and open records
	for _, at := range markup.FindAllStringSubmatchIndex(text, -1) {
		if between := text[last:at[0]]; depth == 0 && within == 0 && strings.Trim(between, " \t\r\n\ufeff") != "" {
			return fmt.Errorf("%.80q stands outside of elements", between)
		}
		if last = at[1]; at[4] < 0 {
			continue
		}
		end, name, empty := at[2] < at[3], text[at[4]:at[5]], at[6] < at[7]
		switch {
		case name == element:
		case within > 0: // a record's own, whatever it is
			continue
		case end:
			depth--
			continue
		case !empty:
			depth++
			continue
		default:
			continue
		}
		switch {
		case end && within == 0:
			return fmt.Errorf("the end of an element %s at byte %d has no beginning", element, at[0])
		case end:
			within--
		case within == 0:
			from = at[0]
		}
		if !end && !empty {
			within++
		}
		if within == 0 {
			texts = append(texts, text[from:at[1]])
		}
	}
	if depth+within != 0 || strings.Trim(text[last:], " \t\r\n\ufeff") != "" {
		return errors.New("its end is missing")
	}
	if len(texts) == 0 && strings.Count(text, "</") > 1 {
		return fmt.Errorf("no element %s among others", element)
	}
	return same(texts, all)
}
