{{/* The programs and what never changes about them, by their key in the values. */}}
{{- define "shema.apps" -}}
gateway: {id: api-gateway, port: 3000, sidecar: true}
auth: {id: auth-service, port: 3001, sidecar: true, schema: true}
user: {id: user-service, port: 3002, sidecar: true, schema: true}
course: {id: course-service, port: 3003, sidecar: true, schema: true}
booking: {id: booking-service, port: 3004, sidecar: true, schema: true}
chat: {id: chat-service, port: 3005, sidecar: true, schema: true}
recommendation: {id: recommendation-service, port: 3006, sidecar: true, schema: true}
operator: {id: catalog-operator, port: 3007}
{{- end -}}

{{/* All app ids, as a JSON list: include "shema.appIDs" . | fromJsonArray */}}
{{- define "shema.appIDs" -}}
{{- $ids := list -}}
{{- range include "shema.apps" . | fromYaml -}}{{- $ids = append $ids .id -}}{{- end -}}
{{- $ids | sortAlpha | toJson -}}
{{- end -}}

{{/* The app ids that have a sidecar, as a JSON list. */}}
{{- define "shema.sidecarIDs" -}}
{{- $ids := list -}}
{{- range include "shema.apps" . | fromYaml -}}{{- if .sidecar -}}{{- $ids = append $ids .id -}}{{- end -}}{{- end -}}
{{- $ids | sortAlpha | toJson -}}
{{- end -}}

{{/* Labels of a resource: include "shema.labels" (dict "root" $ "id" "api-gateway"). Without an id it belongs to all. */}}
{{- define "shema.labels" -}}
{{ include "shema.selectorLabels" . }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name (replace "+" "_" .root.Chart.Version) }}
{{- end -}}

{{/* What selects the pods of one app: include "shema.selectorLabels" (dict "id" "api-gateway"). */}}
{{- define "shema.selectorLabels" -}}
app.kubernetes.io/name: {{ .id | default "shema" }}
app.kubernetes.io/part-of: shema
{{- end -}}
