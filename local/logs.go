package local

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// keptLines is how many lines of a log group are kept, the latest.
const keptLines = 1 << 17

// logsService is CloudWatch Logs as far as looking lines up goes: Logs
// Insights' fields, filter, sort and limit over lines that are JSON objects
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html).
// A query is complete when it is first asked for, after one answer of Running.
type logsService struct {
	clock *Clock

	mu      sync.Mutex
	groups  map[string][]logLine
	queries map[string]*logQuery // by id
}

type logLine struct {
	at   time.Time
	text string
}

type logQuery struct {
	asked bool
	rows  [][]logField
}

type logField struct {
	Field string `json:"field"`
	Value string `json:"value"`
}

func newLogs(clock *Clock) *logsService {
	return &logsService{clock: clock, groups: make(map[string][]logLine), queries: make(map[string]*logQuery)}
}

// Log adds a line to a log group, which it makes if need be. The line is
// copied.
func (a *Account) Log(group string, line []byte) {
	s := a.logs
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := append(s.groups[group], logLine{s.clock.Now(), string(line)})
	s.groups[group] = lines[max(0, len(lines)-keptLines):]
}

func (s *logsService) serve(w http.ResponseWriter, r *http.Request, body []byte, who caller) {
	serveActions(w, r, map[string]action{
		"StartQuery":      typed(s.startQuery),
		"GetQueryResults": typed(s.getQueryResults),
	}, body, who)
}

func logsFault(shape, format string, args ...any) *fault {
	return &fault{kind: "com.amazonaws.logs.v20140328#" + shape, message: fmt.Sprintf(format, args...)}
}

type startQueryIn struct {
	LogGroupName       string
	QueryString        string
	StartTime, EndTime int64 // s, both inclusive
	Limit              *int
}

type queryID struct {
	QueryID string `json:"queryId"`
}

func (s *logsService) startQuery(_ call, in startQueryIn) (out queryID, err error) {
	if len(in.QueryString) > 10_000 {
		return out, logsFault("InvalidParameterException", "queryString is longer than 10000 characters")
	}
	q, err := parseInsights(in.QueryString)
	if err != nil {
		return out, logsFault("MalformedQueryException", "%v", err)
	}
	if in.Limit != nil {
		if *in.Limit < 1 || *in.Limit > 10_000 {
			return out, logsFault("InvalidParameterException", "limit must be from 1 to 10000")
		}
		q.limit = *in.Limit
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	lines, there := s.groups[in.LogGroupName]
	if !there {
		return out, logsFault("ResourceNotFoundException", "Log group '%s' does not exist", in.LogGroupName)
	}
	out.QueryID = newUUID()
	from, to := time.Unix(in.StartTime, 0), time.Unix(in.EndTime+1, 0)
	s.queries[out.QueryID] = &logQuery{rows: q.run(lines, from, to)}
	return out, nil
}

type queryResults struct {
	Results [][]logField `json:"results"`
	Status  string       `json:"status"`
}

func (s *logsService) getQueryResults(_ call, in queryID) (queryResults, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queries[in.QueryID]
	switch {
	case q == nil:
		return queryResults{}, logsFault("ResourceNotFoundException", "Query '%s' does not exist", in.QueryID)
	case !q.asked:
		q.asked = true
		return queryResults{[][]logField{}, "Running"}, nil
	}
	return queryResults{q.rows, "Complete"}, nil
}

// run gives the rows of the lines that every filter lets pass.
func (q *insights) run(lines []logLine, from, to time.Time) [][]logField {
	type hit struct {
		logLine
		members map[string]any
	}
	var hits []hit
	for _, l := range lines {
		h := hit{logLine: l}
		// A line that is no JSON has no members.
		_ = json.Unmarshal([]byte(l.text), &h.members)
		if !l.at.Before(from) && l.at.Before(to) && !slices.ContainsFunc(q.filters, func(f insightsFilter) bool { return !f.passes(member(h.members, f.field)) }) {
			hits = append(hits, h)
		}
	}
	if q.descending {
		slices.Reverse(hits)
	}
	rows := [][]logField{}
	for _, h := range hits[:min(len(hits), q.limit)] {
		var row []logField
		for _, f := range q.fields {
			switch f {
			case "@timestamp":
				row = append(row, logField{f, h.at.UTC().Format("2006-01-02 15:04:05.000")})
			case "@message":
				row = append(row, logField{f, h.text})
			default:
				if v, found := member(h.members, f); found {
					row = append(row, logField{f, v})
				}
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// member is the value of a dotted path as Insights shows it.
func member(members map[string]any, path string) (string, bool) {
	name, rest, deeper := strings.Cut(path, ".")
	v, found := members[name]
	if inner, ok := v.(map[string]any); ok && deeper {
		return member(inner, rest)
	}
	if !found || deeper || v == nil {
		return "", false
	}
	return fmt.Sprint(v), true
}
