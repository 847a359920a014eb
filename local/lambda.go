package local

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// mappingChange is how long a mapping is Enabling or Disabling after a change,
// by the account's clock. AWS gives no figure.
const mappingChange = 10 * time.Second

// lambdaService is Lambda as far as invoking, and turning event-source mappings
// on and off, goes (https://docs.aws.amazon.com/lambda/latest/api/API_UpdateEventSourceMapping.html).
type lambdaService struct {
	clock  *Clock
	prefix string // of mappings' ARNs

	mu        sync.Mutex
	mappings  []*attached
	functions []callable
}

// An attached mapping is one that the API knows.
type attached struct {
	uuid, function string
	mapping        *Mapping
	changed        time.Time
}

// mappingOut is an EventSourceMappingConfiguration.
type mappingOut struct {
	UUID                  string
	EventSourceMappingArn string
	EventSourceArn        string
	FunctionArn           string
	State                 string
	StateTransitionReason string
	LastProcessingResult  string
	LastModified          float64 // seconds
	BatchSize             int
	Window                int            `json:"MaximumBatchingWindowInSeconds"`
	ScalingConfig         *scalingConfig `json:",omitempty"`
	FunctionResponseTypes []string
}

type scalingConfig struct{ MaximumConcurrency int }

// Attach makes a mapping known to the account's Lambda API as one of the
// function with that ARN, a version's or an alias's included, and gives its
// UUID.
func (a *Account) Attach(functionARN string, m *Mapping) (uuid string) {
	l := a.lambda
	l.mu.Lock()
	defer l.mu.Unlock()
	// Nothing changed lately: it was there before the account's time.
	one := &attached{uuid: newUUID(), function: functionARN, mapping: m, changed: l.clock.Now().Add(-time.Hour)}
	l.mappings = append(l.mappings, one)
	return one.uuid
}

const mappingsPath = "/2015-03-31/event-source-mappings/"

func (l *lambdaService) serve(w http.ResponseWriter, r *http.Request, body []byte, _ caller) {
	call := lambdaCall(r)
	if call == "Invoke" {
		l.invoke(w, r, body)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch call {
	case "ListEventSourceMappings":
		l.list(w, r.URL.Query())
	case "GetEventSourceMapping":
		if one := l.find(w, r); one != nil {
			writeLambda(w, http.StatusOK, l.show(one))
		}
	case "UpdateEventSourceMapping":
		if one := l.find(w, r); one != nil {
			l.update(w, one, body)
		}
	default:
		lambdaError(w, http.StatusNotFound, "UnknownOperationException", "no emulated operation "+r.Method+" "+r.URL.Path)
	}
}

// lambdaCall is the name of the API call that r makes.
func lambdaCall(r *http.Request) string {
	id, ok := strings.CutPrefix(r.URL.Path+"/", mappingsPath)
	switch {
	case invokedName(r) != "":
		return "Invoke"
	case !ok:
		return ""
	case id == "" || id == "/":
		return map[string]string{http.MethodGet: "ListEventSourceMappings"}[r.Method]
	}
	return map[string]string{http.MethodGet: "GetEventSourceMapping", http.MethodPut: "UpdateEventSourceMapping"}[r.Method]
}

// arn is what policies compare for a request; * for a list.
func (l *lambdaService) arn(r *http.Request) string {
	if name := invokedName(r); name != "" {
		f, _ := l.callable(name)
		return cmp.Or(f.arn, name)
	}
	if id := mappingID(r); id != "" {
		return l.prefix + id
	}
	return "*"
}

func mappingID(r *http.Request) string {
	return strings.Trim(strings.TrimPrefix(r.URL.Path+"/", mappingsPath), "/")
}

// list gives at most MaxItems, 100 unless said, of a function's mappings.
func (l *lambdaService) list(w http.ResponseWriter, q url.Values) {
	limit, err := strconv.Atoi(q.Get("MaxItems"))
	if err != nil || limit < 1 || limit > 100 {
		limit = 100
	}
	from, _ := strconv.Atoi(q.Get("Marker")) // "" is the start
	var out struct {
		EventSourceMappings []mappingOut
		NextMarker          string `json:",omitempty"`
	}
	out.EventSourceMappings = []mappingOut{}
	for i := max(from, 0); i < len(l.mappings); i++ {
		one := l.mappings[i]
		if !isFunction(one.function, q.Get("FunctionName")) || !slices.Contains([]string{"", one.mapping.opt.QueueARN}, q.Get("EventSourceArn")) {
			continue
		}
		if len(out.EventSourceMappings) == limit {
			out.NextMarker = strconv.Itoa(i)
			break
		}
		out.EventSourceMappings = append(out.EventSourceMappings, l.show(one))
	}
	writeLambda(w, http.StatusOK, out)
}

// isFunction tells whether name, in any of the forms that Lambda takes, is the
// function with that ARN; "" is any.
func isFunction(arn, name string) bool {
	return name == "" || arn == name || strings.HasSuffix(arn, ":function:"+name) || strings.HasSuffix(arn, ":"+name) && strings.Contains(name, ":function:")
}

func (l *lambdaService) find(w http.ResponseWriter, r *http.Request) *attached {
	id := mappingID(r)
	for _, one := range l.mappings {
		if one.uuid == id {
			return one
		}
	}
	lambdaError(w, http.StatusNotFound, "ResourceNotFoundException", "The resource you requested does not exist.")
	return nil
}

func (l *lambdaService) update(w http.ResponseWriter, one *attached, body []byte) {
	var in struct{ Enabled *bool }
	switch err := json.Unmarshal(body, &in); {
	case err != nil:
		lambdaError(w, http.StatusBadRequest, "InvalidParameterValueException", err.Error())
		return
	case l.changing(one):
		lambdaError(w, http.StatusBadRequest, "ResourceInUseException", "Cannot update the event source mapping because it is in use.")
		return
	case in.Enabled != nil && *in.Enabled != one.mapping.Enabled():
		one.changed = l.clock.Now()
		if *in.Enabled {
			one.mapping.Enable()
		} else {
			one.mapping.Disable()
		}
	}
	writeLambda(w, http.StatusAccepted, l.show(one))
}

func (l *lambdaService) changing(one *attached) bool {
	return l.clock.Now().Before(one.changed.Add(mappingChange))
}

func (l *lambdaService) show(one *attached) mappingOut {
	state := map[[2]bool]string{
		{true, false}: "Enabled", {true, true}: "Enabling",
		{false, false}: "Disabled", {false, true}: "Disabling",
	}[[2]bool{one.mapping.Enabled(), l.changing(one)}]
	out := mappingOut{
		UUID: one.uuid, EventSourceMappingArn: l.prefix + one.uuid, EventSourceArn: one.mapping.opt.QueueARN, FunctionArn: one.function,
		State: state, StateTransitionReason: "USER_INITIATED", LastProcessingResult: one.mapping.Result(), LastModified: unixSeconds(one.changed), BatchSize: one.mapping.opt.BatchSize,
		Window: int(one.mapping.opt.Window / time.Second),
	}
	if most := one.mapping.opt.MaxConcurrency; most > 0 {
		out.ScalingConfig = &scalingConfig{most}
	}
	if one.mapping.opt.ReportBatchItemFailures {
		out.FunctionResponseTypes = []string{"ReportBatchItemFailures"}
	}
	return out
}

func writeLambda(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a caller who is gone needs no answer
}

func lambdaError(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("X-Amzn-Errortype", kind)
	writeLambda(w, status, map[string]string{"Type": "User", "Message": message})
}
