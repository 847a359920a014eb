package local

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"encoding/xml"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// stsService answers AssumeRole and GetCallerIdentity in the query protocol.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
type stsService struct{ account *Account }

type stsError struct {
	XMLName   xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ ErrorResponse"`
	Type      string   `xml:"Error>Type"`
	Code      string   `xml:"Error>Code"`
	Message   string   `xml:"Error>Message"`
	RequestID string   `xml:"RequestId"`
}

type assumeRoleResponse struct {
	XMLName         xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ AssumeRoleResponse"`
	ARN             string   `xml:"AssumeRoleResult>AssumedRoleUser>Arn"`
	AssumedRoleID   string   `xml:"AssumeRoleResult>AssumedRoleUser>AssumedRoleId"`
	AccessKeyID     string   `xml:"AssumeRoleResult>Credentials>AccessKeyId"`
	SecretAccessKey string   `xml:"AssumeRoleResult>Credentials>SecretAccessKey"`
	SessionToken    string   `xml:"AssumeRoleResult>Credentials>SessionToken"`
	Expiration      string   `xml:"AssumeRoleResult>Credentials>Expiration"`
	RequestID       string   `xml:"ResponseMetadata>RequestId"`
}

type getCallerIdentityResponse struct {
	XMLName   xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ GetCallerIdentityResponse"`
	ARN       string   `xml:"GetCallerIdentityResult>Arn"`
	UserID    string   `xml:"GetCallerIdentityResult>UserId"`
	Account   string   `xml:"GetCallerIdentityResult>Account"`
	RequestID string   `xml:"ResponseMetadata>RequestId"`
}

func (s *stsService) serve(w http.ResponseWriter, r *http.Request, body []byte, who caller) {
	id := w.Header().Get("X-Amzn-Requestid")
	form, err := url.ParseQuery(string(body))
	if err != nil {
		badRequest("ValidationError", err.Error()).write(w, r, "sts")
		return
	}
	switch action := form.Get("Action"); action {
	case "GetCallerIdentity":
		writeQuery(w, http.StatusOK, getCallerIdentityResponse{
			ARN: who.ARN, UserID: principalID(who), Account: who.Account, RequestID: id,
		})
	case "AssumeRole":
		out, refused := s.assumeRole(form, who)
		if refused != nil {
			refused.write(w, r, "sts")
			return
		}
		out.RequestID = id
		writeQuery(w, http.StatusOK, out)
	default:
		badRequest("InvalidAction", "Could not find operation "+action+" for version "+form.Get("Version")).write(w, r, "sts")
	}
}

// sessionName is what AWS accepts as a RoleSessionName.
var sessionName = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)

func (s *stsService) assumeRole(form url.Values, who caller) (*assumeRoleResponse, *refusal) {
	arn, session := form.Get("RoleArn"), form.Get("RoleSessionName")
	if !sessionName.MatchString(session) {
		return nil, badRequest("ValidationError", "1 validation error detected: Value '"+session+
			"' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]* and have length between 2 and 64")
	}
	seconds, err := strconv.Atoi(cmp.Or(form.Get("DurationSeconds"), "3600"))
	if err != nil || seconds < 900 || seconds > 43200 {
		return nil, badRequest("ValidationError", "1 validation error detected: Value '"+form.Get("DurationSeconds")+
			"' at 'durationSeconds' failed to satisfy constraint: Member must have value between 900 and 43200")
	}
	if seconds > 3600 {
		return nil, badRequest("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	s.account.mu.Lock()
	role, ok := s.account.roles[arn]
	s.account.mu.Unlock()
	// A role that does not exist is worded like one that may not be assumed.
	if !ok || !role.Trust.trusts(who, form.Get("ExternalId")) || !s.account.allows(who, "sts:AssumeRole", arn) {
		return nil, deny("sts", denied, "User: "+who.ARN+" is not authorized to perform: sts:AssumeRole on resource: "+arn)
	}
	name := arn[strings.LastIndex(arn, "/")+1:]
	assumed := caller{
		Account: accountOf(arn), Role: arn,
		ARN: "arn:aws:sts::" + accountOf(arn) + ":assumed-role/" + name + "/" + session,
	}
	expires := time.Now().Add(time.Duration(seconds) * time.Second)
	c := s.account.addKey(key{who: assumed, expires: expires})
	return &assumeRoleResponse{
		ARN: assumed.ARN, AssumedRoleID: principalID(assumed),
		AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey, SessionToken: c.SessionToken,
		Expiration: expires.UTC().Format(time.RFC3339),
	}, nil
}

// ExpireSessions ends every session that STS has handed out, although its
// holder believes that it lasts.
func (a *Account) ExpireSessions() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, k := range a.keys {
		if !k.expires.IsZero() {
			k.expires = time.Now()
			a.keys[id] = k
		}
	}
}

// principalID is the caller's unique id: AROA…:session, or AIDA….
func principalID(who caller) string {
	sum := sha256.Sum256([]byte(who.Role))
	id := base32.StdEncoding.EncodeToString(sum[:])[:17]
	if who.ARN == who.Role {
		return "AIDA" + id
	}
	return "AROA" + id + ":" + who.ARN[strings.LastIndex(who.ARN, "/")+1:]
}

func badRequest(code, message string) *refusal {
	return &refusal{status: http.StatusBadRequest, code: code, message: message}
}

func writeQuery(w http.ResponseWriter, status int, v any) {
	out, err := xml.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	_, _ = w.Write(out)
}
