{{/* The website's pod: files out of its own memory, no database, no sidecar, no token: include "shema.webPod" (dict "root" $ "key" "web"). */}}
{{- define "shema.webPod" -}}
{{- $root := .root -}}
{{- $settings := include "shema.settings" . | fromJson -}}
{{- $brand := $root.Values.web.existingBrand | default (empty $root.Values.web.brand | ternary "" "web-brand") -}}
metadata:
  labels:
    {{- include "shema.labels" (dict "root" $root "id" "web") | nindent 4 }}
  annotations:
    shema.music/settings: {{ $root.Values.web | toJson | sha256sum | trunc 16 | quote }}
    {{- with $settings.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: web
  automountServiceAccountToken: false
  enableServiceLinks: false
  securityContext:
    {{- include "shema.podSecurity" . | nindent 4 }}
  {{- with $root.Values.image.pullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $settings.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with $settings.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $settings.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $settings.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $settings.topologySpread }}
  topologySpreadConstraints:
    {{- range . }}
    - {{- toYaml . | nindent 6 }}
      labelSelector:
        matchLabels:
          {{- include "shema.selectorLabels" (dict "id" "web") | nindent 10 }}
    {{- end }}
  {{- end }}
  terminationGracePeriodSeconds: {{ add (include "shema.lastCall" $root) $root.Values.shutdown.timeoutSeconds 10 }}
  containers:
    - name: web
      image: {{ include "shema.image" . }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      env:
        - {name: LOG_LEVEL, value: {{ $root.Values.logLevel }}}
        - {name: SHUTDOWN_TIMEOUT, value: {{ $root.Values.shutdown.timeoutSeconds }}s}
        - {name: IMAGE_SOURCES, value: {{ join "," $root.Values.web.imageSources | quote }}}
        {{- if $brand }}
        - {name: BRAND_DIR, value: /etc/brand}
        {{- end }}
        {{- with $settings.env }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      ports:
        - {name: http, containerPort: 3008}
      {{- include "shema.probes" . | nindent 6 }}
      lifecycle:
        preStop: {sleep: {seconds: 10}}
      securityContext:
        {{- include "shema.containerSecurity" . | nindent 8 }}
      resources:
        {{- toYaml $settings.resources | nindent 8 }}
      {{- if $brand }}
      volumeMounts:
        - {name: brand, mountPath: /etc/brand, readOnly: true}
      {{- end }}
  {{- if $brand }}
  volumes:
    - {name: brand, configMap: {name: {{ $brand }}}}
  {{- end }}
{{- end -}}
